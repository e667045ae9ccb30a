import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import type { TransportOptions } from '../pipeline/transport.js';
import type { OAuthClientDefaults } from './oauth-client.options.js';
import { OPTION_NAMES, probablyMeant } from './option-names.js';

/** A mistake in an option, of whatever client. */
export type OptionProblem = Omit<ConfigurationProblem, 'client'>;

const TO_TRANSPORT = 'Move it to transport, which token requests use, too.';
/** Settings of the connection, which token requests share, and of what the session itself does. */
const NOT_IN_HTTP = new Map([
  ['proxy', TO_TRANSPORT],
  ['httpAgent', TO_TRANSPORT],
  ['httpsAgent', TO_TRANSPORT],
  ['lookup', TO_TRANSPORT],
  ['transport', 'Use the transport option of the client instead.'],
  ['socketPath', 'Use an agent in transport instead.'],
  ['auth', 'Leave it out: the session places the token; set clientId and clientSecret instead.'],
  ['baseURL', 'Set baseURL of the client instead.'],
  ['beforeRedirect', 'Leave it out: the session follows redirects by itself.'],
  ['oauth', 'Leave it out: it belongs to a single call.'],
]);

/** The numbers that may not be 0. */
const AT_LEAST_ONE: readonly string[] = ['concurrency', 'timeoutMs', 'maxEntries'];

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mistakes in what a client may set for itself, and the module for every client. */
export function defaultsProblems({
  http,
  transport,
  refresh,
}: OAuthClientDefaults): OptionProblem[] {
  return [
    ...nestedProblems('refresh', refresh, OPTION_NAMES.refresh),
    ...numberProblems('refresh', refresh),
    ...nestedProblems('transport', transport, OPTION_NAMES.transport),
    ...numberProblems('transport', { timeout: transport?.timeout }),
    ...materialProblems(transport),
    ...httpProblems(http),
    ...numberProblems('http', { timeout: http?.timeout }),
  ];
}

/** Options that do not exist, each with the one that was probably meant. */
export function unknownProblems(
  path: string,
  options: object,
  known: readonly string[],
): OptionProblem[] {
  const unknown = Object.keys(options).filter((option) => !known.includes(option));
  return unknown.map((option) => {
    const meant = probablyMeant(option, known);
    return {
      option: path + option,
      problem: 'There is no such option.',
      remedy: meant === undefined ? 'Leave it out.' : `Did you mean "${path}${meant}"?`,
    };
  });
}

/** As {@link unknownProblems}, for a group of options, which may be left out. */
export function nestedProblems(
  option: string,
  group: unknown,
  known: readonly string[],
): OptionProblem[] {
  if (group === undefined) return [];
  if (isObject(group)) return unknownProblems(`${option}.`, group, known);
  const remedy = `Write { ${known[0]}: … }, or leave it out.`;
  return [{ option, problem: 'It is no object.', remedy }];
}

/** Numbers that are none, or too small; text from the environment is one of them. */
export function numberProblems(path: string, group: unknown): OptionProblem[] {
  return Object.entries(isObject(group) ? group : {}).flatMap(
    ([name, value]: [string, unknown]) => {
      const least = AT_LEAST_ONE.includes(name) ? 1 : 0;
      if (value === undefined || (Number.isFinite(value) && (value as number) >= least)) return [];
      if (path === 'refresh' && !OPTION_NAMES.refresh.includes(name)) return [];
      const remedy = `Use a number of ${least} or more.`;
      return [{ option: `${path}.${name}`, problem: 'It is no such number.', remedy }];
    },
  );
}

/** Key and certificate that an agent of one's own would leave unused. */
export function agentProblems(transport: TransportOptions | undefined): OptionProblem[] {
  const { httpsAgent, ca, cert, key } = transport ?? {};
  if (!httpsAgent || (ca ?? cert ?? key) === undefined) return [];
  const remedy = 'Give ca, cert and key to the agent, or leave the agent out.';
  return [{ option: 'transport.httpsAgent', problem: 'It excludes ca, cert, key.', remedy }];
}

/** Certificates and keys that are neither text, bytes nor a function that gives them. */
function materialProblems(transport: TransportOptions | undefined): OptionProblem[] {
  return (['ca', 'cert', 'key'] as const).flatMap((name): OptionProblem[] => {
    const material: unknown = transport?.[name];
    const isList = name === 'ca' && Array.isArray(material) && material.every(isPem);
    if (material === undefined || typeof material === 'function' || isList || isPem(material)) {
      return [];
    }
    const remedy = 'Give text or bytes in PEM, or a function that does.';
    return [{ option: `transport.${name}`, problem: 'It is no such thing.', remedy }];
  });
}

function isPem(material: unknown): boolean {
  return (typeof material === 'string' && material !== '') || Buffer.isBuffer(material);
}

function httpProblems(http: OAuthClientDefaults['http']): OptionProblem[] {
  if (http === undefined) return [];
  if (!isObject(http)) {
    const remedy = 'Write { headers: … }, or leave it out.';
    return [{ option: 'http', problem: 'It is no object.', remedy }];
  }
  const problems = Object.keys(http).flatMap((name): OptionProblem[] => {
    const remedy = NOT_IN_HTTP.get(name);
    if (remedy === undefined) return [];
    return [{ option: `http.${name}`, problem: 'It is no setting of API calls.', remedy }];
  });
  if (!headerNames(http.headers).some((name) => name.toLowerCase() === 'authorization')) {
    return problems;
  }
  const remedy = 'Leave it out: the session places the token.';
  return [...problems, { option: 'http.headers', problem: 'It sets Authorization.', remedy }];
}

/** The names of headers for every call, and of those for one method, as `headers.common`. */
function headerNames(headers: unknown): string[] {
  if (!isObject(headers)) return [];
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
    isObject(value) ? [name, ...Object.keys(value)] : [name],
  );
}
