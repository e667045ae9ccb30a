import { closestMatch } from 'leven';
import { ConfigurationError, type ConfigurationProblem } from './errors/configuration.errors.js';
import { fileSecret } from './session/file-secret.js';
import type { OAuthClientOptions } from './session/oauth-client.options.js';

/** What the environment says of one client. */
export type EnvironmentClient = Pick<OAuthClientOptions, 'clientId'> & Partial<OAuthClientOptions>;

/** What {@link oauthConfigFromEnv} may be told. */
export interface OAuthEnvironmentOptions {
  /**
   * What the names of the variables begin with.
   *
   * @defaultValue `'OAUTH_'`
   */
  prefix?: string;
  /**
   * What the code says of clients: options, or a function such as a provider preset, which makes
   * options from what the environment says.
   */
  clients?: Readonly<
    Record<
      string,
      Partial<OAuthClientOptions> | ((client: EnvironmentClient) => OAuthClientOptions)
    >
  >;
  /**
   * Whether the environment wins where both name an option; one with parts is merged part by part.
   *
   * @defaultValue `false`
   */
  overwrite?: boolean;
  /** The variables; those of the process when left out. */
  env?: Readonly<Record<string, string | undefined>>;
}

type Value = string | readonly string[] | boolean | number | object;
type Reader = (text: string) => Value | undefined;

const text: Reader = (value) => value;
const list: Reader = (value) => value.split(/[\s,]+/).filter((part) => part !== '');
const FLAGS = new Map([
  ['true', true],
  ['false', false],
]);
const flag: Reader = (value) => FLAGS.get(value.toLowerCase());
const number: Reader = (value) => (/^\d+$/.test(value) ? Number(value) : undefined);

/** What each variable says, by the end of its name. */
const VARIABLES: Readonly<Record<string, readonly [keyof OAuthClientOptions, Reader]>> = {
  CLIENT_ID: ['clientId', text],
  CLIENT_SECRET: ['clientSecret', text],
  CLIENT_SECRET_FILE: ['clientSecret', fileSecret],
  CLIENT_AUTHENTICATION: ['clientAuthentication', (method) => ({ method })],
  ISSUER: ['issuer', text],
  METADATA_URL: ['metadataUrl', text],
  AUTHORIZATION_ENDPOINT: ['authorizationEndpoint', text],
  DEVICE_AUTHORIZATION_ENDPOINT: ['deviceAuthorizationEndpoint', text],
  TOKEN_ENDPOINT: ['tokenEndpoint', text],
  REVOCATION_ENDPOINT: ['revocationEndpoint', text],
  INTROSPECTION_ENDPOINT: ['introspectionEndpoint', text],
  USERINFO_ENDPOINT: ['userinfoEndpoint', text],
  END_SESSION_ENDPOINT: ['endSessionEndpoint', text],
  JWKS_URI: ['jwksUri', text],
  GRANT: ['grant', text],
  SHARED: ['shared', flag],
  SCOPE: ['scope', list],
  REDIRECT_URI: ['redirectUri', text],
  POST_LOGOUT_REDIRECT_URI: ['postLogoutRedirectUri', text],
  PKCE: ['pkce', (value) => (value === 'false' ? false : value)],
  TOKEN_PLACEMENT: ['tokenPlacement', text],
  SCOPE_POLICY: ['scopePolicy', text],
  DEFAULT_EXPIRES_IN_SECONDS: ['defaultExpiresInSeconds', number],
  PROVIDER: ['provider', text],
  BASE_URL: ['baseURL', text],
  ALLOWED_ORIGINS: ['allowedOrigins', list],
  ALLOW_INSECURE_HTTP: ['allowInsecureHttp', flag],
};

/**
 * Options of the module from environment variables: `OAUTH_GITHUB_CLIENT_ID` and its like make a
 * client `github`, `OAUTH_MY_API_SCOPE` is of `myApi`. Lists are separated by spaces or commas; a
 * secret can be in a file (`OAUTH_GITHUB_CLIENT_SECRET_FILE`), which is read at every use.
 *
 * @throws ConfigurationError for a client without an id, a variable that says nothing that is known,
 * or a value that cannot be read: all of them at once.
 *
 * @example
 * ```ts
 * const oauthConfig = registerAs('oauth', () => oauthConfigFromEnv({ clients: { slack } }));
 *
 * ConfigModule.forRoot({ load: [oauthConfig] });
 * OAuthClientModule.forRootAsync({ names: ['slack'], ...oauthConfig.asProvider() });
 * ```
 */
export function oauthConfigFromEnv(options: OAuthEnvironmentOptions = {}): {
  clients: Record<string, OAuthClientOptions>;
} {
  const { prefix = 'OAUTH_', clients = {}, overwrite = false, env = process.env } = options;
  const problems: ConfigurationProblem[] = [];
  const found = variables(env, prefix);
  const names = namesOf(found, Object.keys(clients), problems);
  const said = new Map<string, Record<string, Value>>();
  for (const [variable, value] of found) {
    // The longest name wins: OAUTH_A_B_SCOPE is of `aB` where there is one, else no variable of `a`.
    const [start] = [...names.keys()]
      .filter((name) => variable.startsWith(`${name}_`))
      .sort((a, b) => b.length - a.length);
    if (start === undefined) continue;
    const client = names.get(start)!;
    const read = readVariable(client, variable.slice(start.length + 1), value, problems);
    if (!read) continue;
    const before = said.get(client) ?? {};
    for (const option of Object.keys(read).filter((name) => Object.hasOwn(before, name))) {
      const problem = `${variable.slice(start.length + 1)} says it, and another variable does, too.`;
      problems.push({ client, option, problem, remedy: 'Unset one of them.' });
    }
    said.set(client, { ...before, ...read });
  }
  const made = [...names].map(([start, client]) => {
    const fromEnv = said.get(client) ?? {};
    const fromCode = (Object.hasOwn(clients, client) && clients[client]) || {};
    const clientId = fromEnv['clientId'] ?? (fromCode as Partial<OAuthClientOptions>).clientId;
    if (clientId === undefined) problems.push(withoutId(client, `${prefix}${start}_CLIENT_ID`));
    return () => [client, combine(fromEnv as EnvironmentClient, fromCode, overwrite)] as const;
  });
  if (problems.length > 0) throw ConfigurationError.from(problems);
  return { clients: Object.fromEntries(made.map((make) => make())) };
}

function variables(
  env: NonNullable<OAuthEnvironmentOptions['env']>,
  prefix: string,
): [string, string][] {
  return Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(prefix) && value !== undefined && value !== ''
      ? [[name.slice(prefix.length), value] as [string, string]]
      : [],
  );
}

/** How each client begins its variables: `MY_API` of `myApi`. */
function namesOf(
  found: readonly [string, string][],
  known: readonly string[],
  problems: ConfigurationProblem[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const client of known) {
    const start = client
      .replace(/([a-z\d])([A-Z])/g, '$1_$2')
      .replace(/\W+/g, '_')
      .toUpperCase();
    const other = names.get(start);
    if (other !== undefined) {
      const problem = `Its variables begin with ${start}, as those of "${other}".`;
      problems.push({ client, option: 'clientId', problem, remedy: 'Rename one of them.' });
    }
    names.set(start, client);
  }
  for (const [variable] of found) {
    const start = /^(\w+)_CLIENT_ID$/.exec(variable)?.[1];
    if (start !== undefined && !names.has(start)) names.set(start, camelCase(start));
  }
  return names;
}

function camelCase(start: string): string {
  return start.toLowerCase().replace(/_+(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

function readVariable(
  client: string,
  end: string,
  value: string,
  problems: ConfigurationProblem[],
): Record<string, Value> | undefined {
  const known = Object.hasOwn(VARIABLES, end) ? VARIABLES[end] : undefined;
  if (!known) {
    const meant = closestMatch(end, Object.keys(VARIABLES))!;
    const problem = `No variable of a client ends in ${end}.`;
    problems.push({ client, option: end, problem, remedy: `Did you mean ${meant}?` });
    return undefined;
  }
  const [option, read] = known;
  const result = read(value);
  if (result !== undefined) return { [option]: result };
  const problem = `The value of ${end} cannot be read.`;
  problems.push({ client, option, problem, remedy: 'Write true, false, or a whole number.' });
  return undefined;
}

function combine(
  fromEnv: EnvironmentClient,
  fromCode: NonNullable<OAuthEnvironmentOptions['clients']>[string],
  overwrite: boolean,
): OAuthClientOptions {
  if (typeof fromCode === 'function') return fromCode(fromEnv);
  const given = Object.entries(fromCode).filter(([, value]) => value !== undefined);
  const code: Partial<OAuthClientOptions> = Object.fromEntries(given);
  if (!overwrite) return { ...fromEnv, ...code };
  const merged = Object.entries(fromEnv).map(([option, value]: [string, unknown]) => {
    const other: unknown = code[option as keyof OAuthClientOptions];
    return [option, hasParts(other) && hasParts(value) ? { ...other, ...value } : value];
  });
  return { ...code, ...(Object.fromEntries(merged) as EnvironmentClient) };
}

function hasParts(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutId(client: string, variable: string): ConfigurationProblem {
  const problem = 'Neither the code nor the environment says its client id.';
  return { client, option: 'clientId', problem, remedy: `Set ${variable}.` };
}
