import { isHostPattern } from '../protocol/allowed-hosts.js';
import { parseUrl } from '../protocol/url.js';
import type { AddressGuard } from '../pipeline/address-guard.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { ClientRegistrationsOptions } from './client-registration.repository.js';
import { tokenUriOf } from './grant.resolver.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import { CALLED_ADDRESSES } from './option-addresses.js';
import { isObject, nestedProblems, numberProblems, type OptionProblem } from './option-values.js';

const NAMES: Record<keyof ClientRegistrationsOptions, true> = {
  repository: true,
  allowedHosts: true,
  maxAgeSeconds: true,
  maxClients: true,
};

/** Mistakes in where clients of a repository come from, and in what they may connect to. */
export function registrationsProblems(options: object): OptionProblem[] {
  const { registrations, http } = options as {
    registrations?: unknown;
    http?: OAuthClientDefaults['http'];
  };
  if (registrations === undefined) return [];
  const given: Partial<Record<keyof ClientRegistrationsOptions, unknown>> = isObject(registrations)
    ? registrations
    : {};
  const problems = [
    ...nestedProblems('registrations', registrations, Object.keys(NAMES)),
    ...(isObject(registrations) ? repositoryProblems(given.repository) : []),
    ...hostsProblems(given.allowedHosts),
    ...numberProblems('registrations', {
      maxAgeSeconds: given.maxAgeSeconds,
      maxClients: given.maxClients,
    }),
  ];
  const adapter: unknown = isObject(http) ? http.adapter : undefined;
  if (adapter === undefined || adapter === null || adapter === 'http') return problems;
  if (typeof adapter === 'function') return problems;
  const remedy = "Use 'http' with registrations, or leave it out.";
  const problem = 'It does not connect through what judges addresses.';
  return [...problems, { option: 'http.adapter', problem, remedy }];
}

function repositoryProblems(repository: unknown): OptionProblem[] {
  if (typeof (repository as { find?: unknown } | null | undefined)?.find === 'function') return [];
  const remedy = 'Give an instance of a class with the method find.';
  const problem = repository === undefined ? 'It is missing.' : 'It does not do what is needed.';
  return [{ option: 'registrations.repository', problem, remedy }];
}

function hostsProblems(hosts: unknown): OptionProblem[] {
  const option = 'registrations.allowedHosts';
  if (hosts === undefined) return [];
  const remedy = "Write ['login.internal', '*.corp.example', '10.0.0.5:8443'].";
  if (!Array.isArray(hosts)) return [{ option, problem: 'It is no list.', remedy }];
  const isWrong = (host: unknown) => typeof host !== 'string' || !isHostPattern(host);
  const wrong = Array.from<unknown>(hosts).some(isWrong);
  return wrong ? [{ option, problem: 'A part of it is no host.', remedy }] : [];
}

/** What a client of a repository may set of its connections: the rest could lead past the guard. */
const TRANSPORT: readonly string[] = ['lookup', 'timeout', 'ca', 'cert', 'key', 'passphrase'];
const HTTP: readonly string[] = [
  'headers',
  'params',
  'paramsSerializer',
  'formSerializer',
  'timeout',
  'timeoutErrorMessage',
  'transitional',
  'responseType',
  'responseEncoding',
  'maxContentLength',
  'maxBodyLength',
  'maxRedirects',
  'maxRate',
  'decompress',
  'validateStatus',
  'transformRequest',
  'transformResponse',
  'sensitiveHeaders',
];

/** Mistakes in options that come from a repository, beside those of any client. */
export function registeredProblems(
  options: OAuthClientOptions,
  guard: AddressGuard,
): OptionProblem[] {
  const problems = [
    ...ownProblems('transport', options.transport, TRANSPORT),
    ...ownProblems('http', options.http, HTTP),
  ];
  const addresses: [string, unknown][] = CALLED_ADDRESSES.map((name) => [name, options[name]]);
  addresses.push(['grant.keyFile.token_uri', tokenUriOf(options.grant)]);
  for (const [option, value] of addresses) {
    const url = typeof value === 'string' ? parseUrl(value) : undefined;
    const refusal = url && refusalOf(guard, url);
    if (refusal) problems.push({ option, ...refusal });
  }
  return problems;
}

function ownProblems(option: string, group: unknown, known: readonly string[]): OptionProblem[] {
  const remedy = `Set it in ${option} of the module.`;
  const problem = 'A client of a repository may not set it.';
  return Object.entries(isObject(group) ? group : {})
    .filter(([name, value]: [string, unknown]) => value !== undefined && !known.includes(name))
    .map(([name]) => ({ option: `${option}.${name}`, problem, remedy }));
}

/** What can be said of an address before it is connected to. */
function refusalOf(guard: AddressGuard, url: URL): Omit<OptionProblem, 'option'> | undefined {
  try {
    guard.demand(url);
    return undefined;
  } catch (error) {
    if (!(error instanceof OAuthClientError)) throw error;
    const problem = `${url.host} is not https on the public internet.`;
    const remedy = 'Correct it, or name the host in registrations.allowedHosts.';
    return { problem, remedy };
  }
}
