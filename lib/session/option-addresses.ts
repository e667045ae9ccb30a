import { AllowedOrigins, isOriginPattern } from '../protocol/origin.js';
import { parseUrl } from '../protocol/url.js';
import { tokenUriOf } from './grant.resolver.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import type { OptionProblem } from './option-values.js';

type Options = Partial<Readonly<OAuthClientOptions>>;

const ADDRESSES = [
  'issuer',
  'metadataUrl',
  'authorizationEndpoint',
  'deviceAuthorizationEndpoint',
  'tokenEndpoint',
  'revocationEndpoint',
  'introspectionEndpoint',
  'userinfoEndpoint',
  'endSessionEndpoint',
  'jwksUri',
  'baseURL',
] as const;

/** The addresses that this process itself calls; the others are for a browser. */
export const CALLED_ADDRESSES = ADDRESSES;

const USE_HTTPS = 'Use https, or set allowInsecureHttp for development.';

/** Mistakes in where a client's servers are. RFC 6749, section 3.1; RFC 9700, section 2.6. */
export function addressProblems(options: Options): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const http = options.allowInsecureHttp === true;
  // An implicit grant asks for no token at any other endpoint. RFC 6749, section 4.2.
  const implicit = options.grant === 'implicit' && options.authorizationEndpoint;
  const tokenUri = tokenUriOf(options.grant);
  if (!options.issuer && !options.metadataUrl && !options.tokenEndpoint && !tokenUri && !implicit) {
    problems.push({
      option: 'issuer',
      problem: 'Neither issuer nor tokenEndpoint is set.',
      remedy: 'Set issuer to have the endpoints discovered, or tokenEndpoint.',
    });
  }
  for (const option of ADDRESSES) {
    const value = options[option];
    if (value === undefined || (option === 'baseURL' && typeof value === 'function')) continue;
    const problem = addressProblem(value, http);
    if (problem) problems.push({ option, ...problem });
  }
  if (tokenUri !== undefined && options.tokenEndpoint === undefined) {
    const problem = addressProblem(tokenUri, http);
    if (problem) problems.push({ option: 'grant.keyFile.token_uri', ...problem });
  }
  const redirectUri: unknown = options.redirectUri;
  if (redirectUri !== undefined) {
    // A native loopback address never leaves the machine. RFC 8252, section 8.3.
    const loopback =
      typeof redirectUri === 'string' &&
      /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$|\?)/.test(redirectUri);
    const problem = addressProblem(redirectUri, loopback || http);
    if (problem) problems.push({ option: 'redirectUri', ...problem });
  }
  const { postLogoutRedirectUri } = options;
  const misled =
    postLogoutRedirectUri === undefined ? undefined : returnAddressProblem(postLogoutRedirectUri);
  if (misled) problems.push({ option: 'postLogoutRedirectUri', ...misled });
  return problems;
}

/** What is wrong with where a browser is sent to after a logout: a page, or an app's own scheme. */
export function returnAddressProblem(value: unknown): Omit<OptionProblem, 'option'> | undefined {
  const remedy = 'Write it as https://host/path, or with the scheme of an app.';
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (!url) return { problem: 'It is no full address.', remedy };
  if (url.username !== '' || url.password !== '') {
    return { problem: 'It holds a user name or password.', remedy: 'Leave them out.' };
  }
  if (!/^(?:javascript|vbscript|data|blob|file|about):$/.test(url.protocol)) return undefined;
  return { problem: `It is ${url.protocol}, which is no place to return to.`, remedy };
}

function addressProblem(value: unknown, http: boolean): Omit<OptionProblem, 'option'> | undefined {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (!url) return { problem: 'It is no full address.', remedy: 'Write it as https://host/path.' };
  const { protocol, username, password, hash } = url;
  if (username !== '' || password !== '') {
    return { problem: 'It holds a user name or password.', remedy: 'Leave them out.' };
  }
  if (hash !== '') return { problem: 'It holds a fragment.', remedy: 'Leave out # and the rest.' };
  if (protocol === 'https:' || (protocol === 'http:' && http)) return undefined;
  return { problem: `It is ${protocol}//, not https://.`, remedy: USE_HTTPS };
}

/** Mistakes in where a client's token may go. */
export function originProblems(options: Options): OptionProblem[] {
  const { allowedOrigins, allowInsecureHttp, baseURL } = options;
  const option = 'allowedOrigins';
  if (allowedOrigins === undefined) return [];
  if (!Array.isArray(allowedOrigins)) {
    return [{ option, problem: 'It is no list.', remedy: "Write ['https://api.example.com']." }];
  }
  const malformed = Array.from<unknown>(allowedOrigins).flatMap(
    (origin: unknown): OptionProblem[] => {
      if (typeof origin === 'string' && isOriginPattern(origin)) {
        if (origin.toLowerCase().startsWith('https://') || allowInsecureHttp === true) return [];
        return [{ option, problem: `"${origin}" is not https.`, remedy: USE_HTTPS }];
      }
      const remedy = 'Write scheme, host and port alone, as https://api.example.com.';
      return [{ option, problem: `${shown(origin)} is no origin.`, remedy }];
    },
  );
  if (malformed.length > 0 || typeof baseURL !== 'string' || !parseUrl(baseURL)) {
    return malformed;
  }
  const base = new URL(baseURL);
  if (new AllowedOrigins(allowedOrigins).allows(base)) return [];
  const remedy = `Add '${base.origin}', or leave allowedOrigins out.`;
  return [{ option, problem: 'The origin of baseURL is not among them.', remedy }];
}

/** An address that is not one may hold a password, or a key in its query: neither is repeated. */
function shown(origin: unknown): string {
  if (typeof origin !== 'string') return `A value of type ${typeof origin}`;
  const text = origin.replace(/[?#].*$/s, '').replace(/^.*@/s, '…@');
  return `"${text.slice(0, 100)}"`;
}
