import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import type { OAuthClientDefaults } from './oauth-client.options.js';
import {
  defaultsProblems,
  isObject,
  nestedProblems,
  numberProblems,
  unknownProblems,
} from './option-values.js';
import { registrationsProblems } from './option-registrations.js';
import { pairProblems, transportProblems } from './option-transport.js';

const MODULE_OPTIONS = [
  'clients',
  'store',
  'authorizationRequestStore',
  'cache',
  'clock',
  'logging',
  'registrations',
  'http',
  'transport',
  'refresh',
  'telemetry',
  'routes',
  'subject',
  'requestOf',
];
const LOGGING_OPTIONS = ['subjects'];
const CACHE_OPTIONS = ['maxEntries', 'maxAgeSeconds'];
/** The methods that make an object what an option asks for. */
const METHODS = {
  store: ['get', 'set', 'delete'],
  authorizationRequestStore: ['save', 'take'],
  clock: ['now'],
} as const;

type Given = OAuthClientDefaults &
  Partial<Record<'clients' | 'cache' | 'logging' | 'telemetry' | keyof typeof METHODS, unknown>>;

/** Every mistake in the options of the module itself. */
export function moduleProblems(options: object): ConfigurationProblem[] {
  const given = options as Given;
  return [
    ...unknownProblems('', given, MODULE_OPTIONS),
    ...clientsProblems(given.clients),
    ...Object.entries(METHODS).flatMap(([option, methods]) =>
      partProblems(option, given[option as keyof typeof METHODS], methods),
    ),
    ...(given.cache === false ? [] : nestedProblems('cache', given.cache, CACHE_OPTIONS)),
    ...numberProblems('cache', given.cache),
    ...loggingProblems(given.logging),
    ...defaultsProblems(given),
    ...transportProblems(given.transport),
    ...pairProblems(given.transport),
    ...telemetryProblems(given.telemetry),
    ...registrationsProblems(options),
  ];
}

function loggingProblems(logging: unknown): ConfigurationProblem[] {
  if (logging === false) return [];
  const subjects = isObject(logging) ? (logging as { subjects?: unknown }).subjects : undefined;
  const isWrong = subjects !== undefined && typeof subjects !== 'boolean';
  const remedy = 'Set true or false.';
  const wrong = { option: 'logging.subjects', problem: 'It is neither true nor false.', remedy };
  return [...nestedProblems('logging', logging, LOGGING_OPTIONS), ...(isWrong ? [wrong] : [])];
}

function clientsProblems(clients: unknown): ConfigurationProblem[] {
  if (isObject(clients)) return [];
  const remedy = 'Set clients: { name: { … } }; an empty object where features bring them all.';
  const problem = clients === undefined ? 'It is missing.' : 'It is no object.';
  return [{ option: 'clients', problem, remedy }];
}

function telemetryProblems(telemetry: unknown): ConfigurationProblem[] {
  if (telemetry === undefined || typeof telemetry === 'boolean') return [];
  const remedy = 'Set false to switch telemetry off; leave it out otherwise.';
  return [{ option: 'telemetry', problem: 'It is neither true nor false.', remedy }];
}

/** A class in place of an instance is the usual mistake. */
function partProblems(
  option: string,
  part: unknown,
  methods: readonly string[],
): ConfigurationProblem[] {
  if (part === undefined) return [];
  const has = (method: string) =>
    typeof (part as Record<string, unknown> | null)?.[method] === 'function';
  if (methods.every(has)) return [];
  const remedy = `Give an instance of a class with the methods ${methods.join(', ')}.`;
  return [{ option, problem: 'It does not do what is needed of it.', remedy }];
}
