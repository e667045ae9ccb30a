/** One challenge of a `WWW-Authenticate` header. RFC 9110, section 11.6.1. */
export interface Challenge {
  /** The scheme, in lower case, such as `bearer`. */
  readonly scheme: string;
  /** Its parameters, names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`^(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`);
const SCHEME = new RegExp(`^(${TOKEN})(?:[ \\t]+|$|(?=,))`);
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/;

/**
 * The challenges of a `WWW-Authenticate` header (RFC 9110, section 11.6.1). What cannot be
 * understood ends the reading; what was read until then counts.
 */
export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = (header ?? '').slice(0, 8192);
  for (;;) {
    rest = rest.replace(/^[ \t,]+/, '');
    const parameter = PARAMETER.exec(rest);
    const current = challenges.at(-1);
    if (parameter && current) {
      const name = parameter[1]!.toLowerCase();
      current.parameters[name] ??= parameter[2]?.replace(/\\(.)/g, '$1') ?? parameter[3]!;
      rest = rest.slice(parameter[0].length);
      continue;
    }
    const scheme = SCHEME.exec(rest);
    if (!scheme) return challenges;
    challenges.push({
      scheme: scheme[1]!.toLowerCase(),
      parameters: Object.create(null) as Record<string, string>,
    });
    rest = rest.slice(scheme[0].length);
    if (!PARAMETER.test(rest)) rest = rest.replace(TOKEN68, '');
  }
}

/**
 * Whether a 401 with this header may be answered by a fresh token: not when it names another
 * reason (`insufficient_scope`, `invalid_request`), nor when only other schemes are offered.
 */
export function invitesNewToken(header: string | undefined): boolean {
  const challenges = parseChallenges(header);
  if (challenges.length === 0) return true;
  return challenges.some(
    ({ scheme, parameters }) =>
      scheme === 'bearer' &&
      parameters['error'] !== 'insufficient_scope' &&
      parameters['error'] !== 'invalid_request',
  );
}
