import { ConfigurationError } from '../errors/configuration.errors.js';
import { authenticationFor } from '../pipeline/client-authenticator.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import type { TokenRequestOptions } from '../pipeline/grant-request.js';
import { METHODS_WITH_SECRET } from '../protocol/client-authentication.js';
import { isObject, paramsProblems, unknownProblems, type OptionProblem } from './option-values.js';
import { pairProblems, transportProblems } from './option-transport.js';
import type { FetchTokenOptions } from './session.options.js';

/** What a request is sent with, in whatever way it was asked for. */
const SENDING: Record<keyof TokenRequestOptions, true> = {
  method: true,
  forceQuerystring: true,
  includeClientId: true,
  clientSecret: true,
  headers: true,
  params: true,
  transport: true,
};

/** What only some grants take. */
const PARTICULAR: Record<Exclude<keyof FetchTokenOptions, keyof TokenRequestOptions>, true> = {
  authorizationResponse: true,
  binding: true,
  code: true,
  state: true,
  codeVerifier: true,
  redirectUri: true,
  username: true,
  password: true,
};

const PARTICULAR_TO = {
  fetchToken: Object.keys(PARTICULAR),
  completeAuthorization: ['authorizationResponse', 'binding'],
  refreshToken: [],
} satisfies Record<string, readonly string[]>;

/** What is sent as it is; what belongs to a callback is judged with it. */
const TEXTS = ['clientSecret', 'code', 'codeVerifier', 'redirectUri', 'username', 'password'];
const OF_VARIANTS: readonly string[] = ['scope', 'resource', 'audience'];
const BASIC = 'client_secret_basic';
const OF_AUTHENTICATION = [
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
];
const OF_GRANT: Readonly<Record<string, readonly string[]>> = {
  authorization_code: ['code', 'code_verifier', 'redirect_uri'],
  password: ['username', 'password'],
  'urn:ietf:params:oauth:grant-type:jwt-bearer': ['assertion'],
};
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What Node sends; nothing that would end a header. RFC 9110, section 5.5. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Refuses what a revocation or introspection was given that means nothing to it. */
export function demandTokenOptions(
  client: string,
  { token, hint }: { readonly token?: unknown; readonly hint?: unknown },
  more: object,
): void {
  const [unknown] = unknownProblems('', more, ['token', 'hint']);
  const isToken = token === undefined || (typeof token === 'string' && token !== '');
  const isHint = hint === undefined || hint === 'access_token' || hint === 'refresh_token';
  if (!unknown && isToken && isHint) return;
  const problem = unknown
    ? `There is no option "${unknown.option}".`
    : `The ${isToken ? 'hint' : 'token'} is none.`;
  const remedy = "Pass { token, hint: 'access_token' | 'refresh_token' }, or nothing.";
  throw new ConfigurationError({ client, problem, remedy });
}

/** Refuses options of one call that are wrong, or that would change nothing, before it is made. */
export function demandRequestOptions(
  settings: ClientSettings,
  call: keyof typeof PARTICULAR_TO,
  options: TokenRequestOptions,
): void {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as TokenRequestOptions;
  const [mistake] = [
    ...nameProblems(given, [...Object.keys(SENDING), ...PARTICULAR_TO[call]]),
    ...uselessProblems(settings, given),
    ...typeProblems(given),
    ...authenticationProblems(settings, given),
    ...headerProblems(given.headers),
    ...paramsProblems('params', given.params),
    ...overriddenProblems(settings, call, given),
    ...transportProblems(given.transport),
    ...connectionProblems(settings, given),
  ];
  if (!mistake) return;
  throw new ConfigurationError({
    client: settings.name,
    problem: `${call}() was given "${mistake.option}": ${mistake.problem}`,
    remedy: `${mistake.remedy} Nothing was sent.`,
  });
}

function nameProblems(given: object, known: readonly string[]): OptionProblem[] {
  return unknownProblems('', given, known).map((problem) => {
    if (!OF_VARIANTS.includes(problem.option)) return problem;
    return { ...problem, remedy: `Call it on with({ ${problem.option}: […] }).` };
  });
}

/** Options that would be of no use on this call. */
function uselessProblems({ grant }: ClientSettings, given: FetchTokenOptions): OptionProblem[] {
  const { code, state, binding } = given;
  if (code !== undefined && binding !== undefined && state === undefined) {
    const remedy = 'Pass the state that came with the code, too.';
    return [{ option: 'binding', problem: 'It is judged with the state.', remedy }];
  }
  const option = Object.keys(given).find((name) => name in SENDING);
  if (grant !== 'implicit' || option === undefined) return [];
  return [{ option, problem: 'This grant sends no token request.', remedy: 'Leave it out.' }];
}

/** Parameters that the grant or the authentication of the client would replace by its own. */
function overriddenProblems(
  { authentication: own, grant, actsForUsers }: ClientSettings,
  call: keyof typeof PARTICULAR_TO,
  given: TokenRequestOptions,
): OptionProblem[] {
  const authentication = authenticationFor(own, given);
  const inForm = typeof authentication === 'object' && authentication.method !== BASIC;
  const isRenewal = call === 'refreshToken' && actsForUsers;
  const ofGrant = isRenewal ? ['refresh_token'] : (OF_GRANT[grant] ?? []);
  const ours = [...ofGrant, ...(inForm ? OF_AUTHENTICATION : [])];
  const problem = 'The library sends its own.';
  return Object.keys(given.params ?? {})
    .filter((name) => ours.includes(name))
    .map((name) => ({ option: `params.${name}`, problem, remedy: 'Leave it out.' }));
}

function typeProblems(given: TokenRequestOptions): OptionProblem[] {
  return Object.entries(given).flatMap(([option, value]: [string, unknown]): OptionProblem[] => {
    if (option === 'method') {
      if (typeof value === 'string' && /^(get|post)$/i.test(value)) return [];
      return [{ option, problem: 'There is no such method.', remedy: "Use 'POST' or 'GET'." }];
    }
    if (option === 'forceQuerystring' || option === 'includeClientId') {
      if (typeof value === 'boolean') return [];
      return [{ option, problem: 'It is neither true nor false.', remedy: 'Use one of them.' }];
    }
    if (!TEXTS.includes(option) || typeof value === 'string') return [];
    return [{ option, problem: 'It is no text.', remedy: 'Look where it comes from.' }];
  });
}

/** Client authentication that the options would not change, or leave without a half of it. */
function authenticationProblems(
  { authentication: own }: ClientSettings,
  given: TokenRequestOptions,
): OptionProblem[] {
  const authentication = authenticationFor(own, given);
  if (typeof authentication === 'function') return [];
  const { method } = authentication;
  if (given.clientSecret !== undefined && !METHODS_WITH_SECRET.has(method)) {
    const problem = `${method} uses no secret.`;
    return [{ option: 'clientSecret', problem, remedy: 'Leave it out.' }];
  }
  if (given.includeClientId !== false || method !== 'client_secret_post') return [];
  const problem = 'client_secret_post would send a secret, and not whose it is.';
  return [{ option: 'includeClientId', problem, remedy: 'Leave it out.' }];
}

/** Headers that cannot be sent; their values may be secrets, and are not repeated. */
function headerProblems(headers: unknown): OptionProblem[] {
  if (headers === undefined) return [];
  if (!isObject(headers) || headers instanceof Headers) {
    const remedy = "Write { name: 'value' }.";
    return [{ option: 'headers', problem: 'It is no plain object.', remedy }];
  }
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]): OptionProblem[] => {
    if (!HEADER_NAME.test(name)) {
      const remedy = 'Look where it comes from.';
      return [{ option: 'headers', problem: 'A name is none of a header.', remedy }];
    }
    const option = `headers.${name}`;
    if (name.toLowerCase() === 'authorization') {
      const remedy = 'Use clientSecret, or clientAuthentication in the options of the client.';
      return [{ option, problem: 'The client authenticates itself.', remedy }];
    }
    if (typeof value === 'string' && HEADER_VALUE.test(value)) return [];
    const remedy = 'Write text without line breaks, of Latin letters, or encode it.';
    return [{ option, problem: 'It cannot be sent in a header.', remedy }];
  });
}

/** Certificates of the call with an agent of the call, or without their other half. */
function connectionProblems(
  { transport: own }: ClientSettings,
  { transport: given }: TokenRequestOptions,
): OptionProblem[] {
  if (!given) return [];
  const { httpsAgent, ca, cert, key, passphrase } = given;
  if (httpsAgent !== undefined) return pairProblems(given);
  if ((ca ?? cert ?? key ?? passphrase) === undefined) return [];
  const merged = { ...own, ...given };
  delete merged.httpsAgent;
  return pairProblems(merged);
}
