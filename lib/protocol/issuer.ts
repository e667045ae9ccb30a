/** What Microsoft Entra writes in place of the tenant, in metadata that serves many. */
const TENANT = '{tenantid}';
/** What stands in an address of Microsoft Entra for more than one tenant. */
const SHARED = ['common', 'organizations', 'consumers'];

/**
 * Whether an issuer is the one that is expected. A slash at the end makes no difference: issuers
 * are often configured without the one that the server's own name ends in. An expected issuer with
 * `{tenantid}` in it stands for every tenant.
 */
export function isIssuer(expected: string, issuer: unknown): boolean {
  if (typeof issuer !== 'string') return false;
  if (expected.includes(TENANT)) return tenantIn(issuer, expected) !== undefined;
  return withoutSlash(issuer) === withoutSlash(expected);
}

/**
 * Whether what is signed says that it is of the issuer that is expected: one that stands for every
 * tenant must be named together with the tenant that it is of, `tid`.
 */
export function isSignedBy(
  expected: string,
  { iss, tid }: { readonly iss?: unknown; readonly tid?: unknown },
): boolean {
  if (!isIssuer(expected, iss)) return false;
  return !expected.includes(TENANT) || tid === tenantIn(String(iss), expected);
}

/** Whether metadata of one name may answer for a configured issuer: the same, or one for all tenants. */
export function answersFor(named: string, configured: string): boolean {
  const isTemplate = named.includes(TENANT) && isIssuer(named, configured);
  return named === configured || named === `${configured}/` || isTemplate;
}

/**
 * The issuer to judge by: the one that metadata name where they may answer for the configured one,
 * and one for all tenants only where no tenant was configured, but one of Entra's names for many.
 */
export function judgedIssuer(named: string, configured: string): string {
  if (!answersFor(named, configured)) return configured;
  const tenant = named.includes(TENANT) ? tenantIn(configured, named) : undefined;
  return tenant === undefined || SHARED.includes(tenant) ? named : configured;
}

/** The tenant of an issuer, by the template that it is of. */
function tenantIn(issuer: string, template: string): string | undefined {
  const [before = '', after = ''] = withoutSlash(template).split(TENANT);
  const name = withoutSlash(issuer);
  const tenant = name.slice(before.length, name.length - after.length);
  return name === `${before}${tenant}${after}` && /^[\w.-]+$/.test(tenant) ? tenant : undefined;
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
