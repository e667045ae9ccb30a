import axios from 'axios';
import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import { mistypedParams } from '../protocol/params.js';
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

/** The numbers that count something, and no more than fits a list. */
const WHOLE: readonly string[] = ['maxEntries', 'maxClients'];
const MAX_WHOLE = 2 ** 32 - 1;
/** The numbers that may not be 0. */
const AT_LEAST_ONE: readonly string[] = [
  'concurrency',
  'timeoutMs',
  'maxEntries',
  'maxClients',
  'afterFailures',
];

const OF_THE_GRANT = {
  problem: 'It comes from the grant.',
  remedy: "Leave it out, or set grant: { type: '…' } for another one.",
};

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mistakes in how a client calls the API and renews its tokens, or in the module's defaults. */
export function defaultsProblems({ http, refresh }: OAuthClientDefaults): OptionProblem[] {
  // Most clients of thousands have neither.
  if (http === undefined && refresh === undefined) return [];
  return [
    ...nestedProblems('refresh', refresh, OPTION_NAMES.refresh),
    ...numberProblems('refresh', withoutCooldown(refresh)),
    ...cooldownProblems(refresh?.cooldown),
    ...httpProblems(http),
    ...numberProblems('http', { timeout: http?.timeout }),
  ];
}

function withoutCooldown(refresh: unknown): unknown {
  if (!isObject(refresh)) return refresh;
  return Object.fromEntries(Object.entries(refresh).filter(([name]) => name !== 'cooldown'));
}

function cooldownProblems(cooldown: unknown): OptionProblem[] {
  if (cooldown === undefined || cooldown === false) return [];
  return [
    ...nestedProblems('refresh.cooldown', cooldown, OPTION_NAMES.cooldown),
    ...numberProblems('refresh.cooldown', cooldown),
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

/** Parameters of a request that are neither text nor a list of texts. */
export function paramsProblems(option: string, params: unknown): OptionProblem[] {
  if (params === undefined) return [];
  if (!isObject(params)) {
    return [{ option, problem: 'It is no object.', remedy: "Write { name: 'value' }." }];
  }
  const remedy = 'Write it as text, or as a list of texts.';
  const problem = 'It is neither text nor a list of texts.';
  const grantType = 'grant_type' in params;
  return [
    ...mistypedParams(params).map((name) => ({ option: `${option}.${name}`, problem, remedy })),
    ...(grantType ? [{ option: `${option}.grant_type`, ...OF_THE_GRANT }] : []),
  ];
}

/** Parts of a scope that would not be one on the wire; whether it is a list is not judged here. */
export function scopePartProblems(
  option: string,
  scope: unknown,
  separator: string,
): OptionProblem[] {
  const parts: unknown[] = Array.isArray(scope) ? scope : [];
  if (parts.includes('')) {
    return [{ option, problem: 'A part of it is empty.', remedy: 'Leave that part out.' }];
  }
  if (!parts.some((part) => typeof part === 'string' && part.includes(separator))) return [];
  const remedy = "Write its parts one by one, as ['read', 'write'].";
  return [{ option, problem: `A part of it holds "${separator}".`, remedy }];
}

/** Numbers that are none, or too small; text from the environment is one of them. */
export function numberProblems(path: string, group: unknown): OptionProblem[] {
  return Object.entries(isObject(group) ? group : {}).flatMap(
    ([name, value]: [string, unknown]) => {
      const least = AT_LEAST_ONE.includes(name) ? 1 : 0;
      if (value === undefined) return [];
      if (path === 'refresh' && !OPTION_NAMES.refresh.includes(name)) return [];
      if (WHOLE.includes(name)) {
        const isWhole = Number.isInteger(value) && (value as number) <= MAX_WHOLE;
        if (isWhole && (value as number) >= least) return [];
        const remedy = `Use a whole number of ${least} or more, up to ${MAX_WHOLE}.`;
        return [{ option: `${path}.${name}`, problem: 'It is no such number.', remedy }];
      }
      if (Number.isFinite(value) && (value as number) >= least) return [];
      const remedy = `Use a number of ${least} or more.`;
      return [{ option: `${path}.${name}`, problem: 'It is no such number.', remedy }];
    },
  );
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
  const { adapter } = http;
  if (!isAdapter(adapter)) {
    const remedy = "Give a function, or one of 'http', 'fetch' and 'xhr', or leave it out.";
    problems.push({ option: 'http.adapter', problem: 'There is no such adapter.', remedy });
  }
  if (!headerNames(http.headers).some((name) => name.toLowerCase() === 'authorization')) {
    return problems;
  }
  const remedy = 'Leave it out: the session places the token.';
  return [...problems, { option: 'http.headers', problem: 'It sets Authorization.', remedy }];
}

function isAdapter(adapter: NonNullable<OAuthClientDefaults['http']>['adapter']): boolean {
  try {
    // As the session does; null is what axios takes for none.
    axios.getAdapter(adapter ?? 'http');
    return true;
  } catch {
    return false;
  }
}

/** The names of headers for every call, and of those for one method, as `headers.common`. */
function headerNames(headers: unknown): string[] {
  if (!isObject(headers)) return [];
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
    isObject(value) ? [name, ...Object.keys(value)] : [name],
  );
}
