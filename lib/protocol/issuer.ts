/** What Microsoft Entra writes in place of the tenant, in metadata that serves many. */
const TENANT = '{tenantid}';

/**
 * Whether an issuer is the one that is expected. A slash at the end makes no difference: issuers
 * are often configured without the one that the server's own name ends in. An expected issuer with
 * `{tenantid}` in it stands for every tenant.
 *
 * @param tenant - The only tenant that will do, where it is known: an ID token's `tid`.
 */
export function isIssuer(expected: string, issuer: unknown, tenant?: unknown): boolean {
  if (typeof issuer !== 'string') return false;
  const [before, after] = withoutSlash(expected).split(TENANT);
  if (after === undefined) return withoutSlash(issuer) === before;
  const name = withoutSlash(issuer);
  const middle = name.slice(before!.length, name.length - after.length);
  const fits = name === `${before}${middle}${after}` && /^[\w.-]+$/.test(middle);
  return fits && (tenant === undefined || tenant === middle);
}

/** Whether metadata of one name may answer for a configured issuer: the same, or one for all tenants. */
export function answersFor(named: string, configured: string): boolean {
  return named === configured || named === `${configured}/` || isTemplateOf(named, configured);
}

function isTemplateOf(named: string, configured: string): boolean {
  return named.includes(TENANT) && isIssuer(named, configured);
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
