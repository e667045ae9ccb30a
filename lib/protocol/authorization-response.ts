import { externalText } from '../errors/external-text.js';

/** An authorization response as it arrived at the redirect URI. RFC 6749, section 4.1.2. */
export interface AuthorizationResponse {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
  readonly errorDescription?: string;
  readonly iss?: string;
  /** The ID token of a hybrid response. A secret. OpenID Connect Core 1.0, section 3.3.2.5. */
  readonly idToken?: string;
  /** The kinds of tokens that it brings. */
  readonly tokens: readonly string[];
  /** Of a fragment: every parameter, as a token response has them. RFC 6749, section 4.2.2. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Parameters that came more than once: such a response is not to be trusted. */
  readonly repeated: readonly string[];
}

/** The parameters of all responses that are read here. RFC 6749, sections 4.1.2 and 4.2.2. */
const KNOWN = [
  'state',
  'code',
  'error',
  'error_description',
  'error_uri',
  'iss',
  'access_token',
  'token_type',
  'expires_in',
  'scope',
  'refresh_token',
  'id_token',
] as const;

const TOKENS = ['access_token', 'id_token', 'refresh_token'] as const;

/**
 * Reads an authorization response from a full callback URL, or its path and query, or the query
 * (or form body) alone. Pure; nothing is judged here.
 */
export function parseAuthorizationResponse(
  response: string,
  { fragment = false }: { fragment?: boolean } = {},
): AuthorizationResponse {
  const params = fragment ? fragmentOf(response) : paramsOf(response);
  const value = (name: string) => params.get(name) || undefined;
  const description = externalText(value('error_description'));
  return {
    ...defined('state', value('state')),
    ...defined('code', value('code')),
    ...defined('error', value('error')),
    ...defined('errorDescription', description),
    ...defined('iss', value('iss')),
    ...defined('idToken', value('id_token')),
    tokens: TOKENS.filter((name) => params.has(name)),
    ...(fragment && { fields: Object.fromEntries(params) }),
    repeated: KNOWN.filter((name) => params.getAll(name).length > 1),
  };
}

/** An implicit grant answers in the fragment; its errors may come in the query. RFC 6749, 4.2.2. */
function fragmentOf(response: string): URLSearchParams {
  const hash = response.indexOf('#');
  const fragment = new URLSearchParams(hash < 0 ? '' : response.slice(hash + 1));
  // Some servers put a fragment of their own behind an error: `#_=_`.
  return KNOWN.some((name) => fragment.has(name)) ? fragment : paramsOf(response);
}

function paramsOf(response: string): URLSearchParams {
  const withoutFragment = response.split('#', 1)[0]!;
  // A name comes first in a query alone; in a URL or a path, a colon or a slash does.
  if (/^[^=?/:]*=/.test(withoutFragment)) return new URLSearchParams(withoutFragment);
  const query = withoutFragment.indexOf('?');
  return new URLSearchParams(query < 0 ? '' : withoutFragment.slice(query + 1));
}

function defined<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}
