import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import { AUTHENTICATION_METHODS, METHODS_WITH_SECRET } from '../protocol/client-authentication.js';
import { AllowedOrigins, isOriginPattern } from '../protocol/origin.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import { OPTION_NAMES, unknownOptions } from './option-names.js';

type Problem = Omit<ConfigurationProblem, 'client'>;
type Options = Partial<Readonly<OAuthClientOptions>>;

const GRANTS: readonly string[] = ['authorization_code', 'client_credentials'];
const ADDRESSES = [
  'issuer',
  'metadataUrl',
  'authorizationEndpoint',
  'tokenEndpoint',
  'revocationEndpoint',
  'introspectionEndpoint',
  'userinfoEndpoint',
  'baseURL',
] as const;
/** Settings of the connection, which token requests share, and of what the session itself does. */
const NOT_IN_HTTP: Readonly<Record<string, string>> = {
  proxy: 'Move it to transport, which token requests use, too.',
  httpAgent: 'Move it to transport, which token requests use, too.',
  httpsAgent: 'Move it to transport, which token requests use, too.',
  lookup: 'Move it to transport, which token requests use, too.',
  transport: 'Use the transport option of the client instead.',
  socketPath: 'Use an agent in transport instead.',
  auth: 'Leave it out: the session places the token; client credentials are clientId and clientSecret.',
  baseURL: 'Set baseURL of the client instead.',
  beforeRedirect: 'Leave it out: the session follows redirects by itself.',
  oauth: 'Leave it out: it belongs to a single call.',
};

/** Every mistake in one client's options. */
export function optionProblems(client: string, options: unknown): ConfigurationProblem[] {
  if (typeof options !== 'object' || options === null) {
    return [{ client, option: 'clients', problem: 'It has no options.', remedy: 'Give it some.' }];
  }
  const given = options as Options;
  return [
    ...unknownProblems(given),
    ...identityProblems(given),
    ...addressProblems(given),
    ...originProblems(given),
    ...valueProblems(given),
    ...httpProblems(given.http),
  ].map((problem) => ({ client, ...problem }));
}

/** Mistakes in the parts that module and client options have in common. */
export function httpProblems(http: object | undefined): Problem[] {
  const names = Object.keys(http ?? {}).filter((name) => name in NOT_IN_HTTP);
  const headers = Object.keys((http as { headers?: object } | undefined)?.headers ?? {});
  const problems = names.map((name) => ({
    option: `http.${name}`,
    problem: 'It is no setting of API calls.',
    remedy: NOT_IN_HTTP[name]!,
  }));
  if (!headers.some((name) => name.toLowerCase() === 'authorization')) return problems;
  const remedy = 'Leave it out: the session places the token.';
  return [...problems, { option: 'http.headers', problem: 'It sets Authorization.', remedy }];
}

function unknownProblems(options: Options): Problem[] {
  const of = (path: string, value: object | undefined, known: readonly string[]): Problem[] =>
    unknownOptions(value ?? {}, known).map(({ option, meant }) => ({
      option: path + option,
      problem: 'There is no such option.',
      remedy: meant === undefined ? 'Leave it out.' : `Did you mean "${path}${meant}"?`,
    }));
  return [
    ...of('', options, OPTION_NAMES.client),
    ...of('refresh.', options.refresh, OPTION_NAMES.refresh),
    ...of('transport.', options.transport, OPTION_NAMES.transport),
  ];
}

function identityProblems(options: Options): Problem[] {
  const problems: Problem[] = [];
  const { clientId, clientSecret, clientAuthentication, grant } = options;
  const fromEnvironment = 'Check the environment variable that it comes from';
  if (typeof clientId !== 'string' || clientId === '') {
    problems.push({
      option: 'clientId',
      problem: 'It is missing.',
      remedy: `${fromEnvironment}, or set it.`,
    });
  }
  const method = clientAuthentication?.method;
  if (method !== undefined && !AUTHENTICATION_METHODS.includes(method)) {
    const remedy = `Use one of ${AUTHENTICATION_METHODS.join(', ')}.`;
    problems.push({ option: 'clientAuthentication', problem: 'There is no such method.', remedy });
  }
  const hasSecret = typeof clientSecret === 'function' || !!clientSecret;
  if (method !== undefined && METHODS_WITH_SECRET.has(method) && !hasSecret) {
    problems.push({
      option: 'clientSecret',
      problem: `It is missing, and ${method} needs one.`,
      remedy: `${fromEnvironment}, or choose another clientAuthentication.`,
    });
  } else if ('clientSecret' in options && !hasSecret) {
    problems.push({
      option: 'clientSecret',
      problem: 'It is there, and empty.',
      remedy: `${fromEnvironment}, or leave the option out for a client without a secret.`,
    });
  }
  if (grant !== undefined && !GRANTS.includes(grant)) {
    const remedy = `Use one of ${GRANTS.join(', ')}.`;
    problems.push({ option: 'grant', problem: 'There is no such grant.', remedy });
  }
  return problems;
}

function addressProblems(options: Options): Problem[] {
  const problems: Problem[] = [];
  if (!options.issuer && !options.metadataUrl && !options.tokenEndpoint) {
    problems.push({
      option: 'issuer',
      problem: 'Neither issuer nor tokenEndpoint is set.',
      remedy: 'Set issuer to have the endpoints discovered, or tokenEndpoint.',
    });
  }
  for (const option of ADDRESSES) {
    const value = options[option];
    if (value === undefined || typeof value === 'function') continue;
    const problem = addressProblem(value, options.allowInsecureHttp === true);
    if (problem) problems.push({ option, ...problem });
  }
  const { redirectUri } = options;
  if (redirectUri !== undefined) {
    const isLoopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$|\?)/.test(
      redirectUri,
    );
    const problem = addressProblem(redirectUri, isLoopback || options.allowInsecureHttp === true);
    if (problem) problems.push({ option: 'redirectUri', ...problem });
  }
  return problems;
}

function addressProblem(value: unknown, http: boolean): Omit<Problem, 'option'> | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return { problem: 'It is no full address.', remedy: 'Write it as https://host/path.' };
  }
  const { protocol, username, password } = new URL(value);
  if (username !== '' || password !== '') {
    return { problem: 'It holds a user name or password.', remedy: 'Leave them out.' };
  }
  if (protocol === 'https:' || (protocol === 'http:' && http)) return undefined;
  return {
    problem: `It is ${protocol}//, not https://.`,
    remedy: 'Use https, or set allowInsecureHttp for development.',
  };
}

function originProblems({ allowedOrigins, allowInsecureHttp, baseURL }: Options): Problem[] {
  const option = 'allowedOrigins';
  if (allowedOrigins === undefined) return [];
  if (!Array.isArray(allowedOrigins)) {
    return [{ option, problem: 'It is no list.', remedy: "Write ['https://api.example.com']." }];
  }
  const malformed = allowedOrigins.flatMap((origin: unknown): Problem[] => {
    if (typeof origin === 'string' && isOriginPattern(origin)) {
      if (origin.startsWith('https://') || allowInsecureHttp) return [];
      const remedy = 'Use https, or set allowInsecureHttp for development.';
      return [{ option, problem: `"${origin}" is not https.`, remedy }];
    }
    const remedy = 'Write scheme, host and port alone, as https://api.example.com.';
    return [{ option, problem: `"${String(origin)}" is no origin.`, remedy }];
  });
  if (malformed.length > 0 || typeof baseURL !== 'string' || !URL.canParse(baseURL)) {
    return malformed;
  }
  const base = new URL(baseURL);
  if (new AllowedOrigins(allowedOrigins).allows(base)) return [];
  const remedy = `Add '${base.origin}', or leave allowedOrigins out.`;
  return [{ option, problem: 'The origin of baseURL is not among them.', remedy }];
}

function valueProblems(options: Options): Problem[] {
  const problems: Problem[] = [];
  const { scope, pkce, shared, grant, transport } = options;
  const isList = Array.isArray(scope) && scope.every((part) => typeof part === 'string');
  if (scope !== undefined && !isList) {
    problems.push({
      option: 'scope',
      problem: 'It is no list.',
      remedy: "Write ['read', 'write'].",
    });
  }
  if (pkce !== undefined && !['S256', 'plain', false].includes(pkce)) {
    const remedy = "Use 'S256', 'plain' or false.";
    problems.push({ option: 'pkce', problem: 'There is no such method.', remedy });
  }
  if (shared === true && grant === 'client_credentials') {
    const remedy = 'Leave it out: the grant is the whole application’s anyway.';
    problems.push({ option: 'shared', problem: 'A machine grant has no user.', remedy });
  }
  for (const [name, value] of Object.entries(options.refresh ?? {})) {
    const least = name === 'concurrency' || name === 'timeoutMs' ? 1 : 0;
    if (value === undefined || (Number.isFinite(value) && value >= least)) continue;
    const remedy = `Use a number of ${least} or more.`;
    problems.push({ option: `refresh.${name}`, problem: 'It is no such number.', remedy });
  }
  if (transport?.httpsAgent && (transport.ca ?? transport.cert ?? transport.key) !== undefined) {
    const remedy = 'Give ca, cert and key to the agent, or leave the agent out.';
    problems.push({
      option: 'transport.httpsAgent',
      problem: 'It excludes ca, cert, key.',
      remedy,
    });
  }
  return problems;
}
