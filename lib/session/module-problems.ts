import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import type { OAuthClientDefaults } from './oauth-client.options.js';
import {
  defaultsProblems,
  isObject,
  nestedProblems,
  numberProblems,
  unknownProblems,
} from './option-values.js';
import { pairProblems, transportProblems } from './option-transport.js';

const MODULE_OPTIONS = [
  'clients',
  'store',
  'authorizationRequestStore',
  'cache',
  'clock',
  'http',
  'transport',
  'refresh',
];
const CACHE_OPTIONS = ['maxEntries', 'maxAgeSeconds'];
/** The methods that make an object what an option asks for. */
const METHODS = {
  store: ['get', 'set', 'delete'],
  authorizationRequestStore: ['save', 'take'],
  clock: ['now'],
} as const;

type Given = OAuthClientDefaults &
  Partial<Record<'clients' | 'cache' | keyof typeof METHODS, unknown>>;

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
    ...defaultsProblems(given),
    ...transportProblems(given.transport),
    ...pairProblems(given.transport),
  ];
}

function clientsProblems(clients: unknown): ConfigurationProblem[] {
  if (isObject(clients)) return [];
  const remedy = 'Set clients: { name: { … } }; an empty object where features bring them all.';
  const problem = clients === undefined ? 'It is missing.' : 'It is no object.';
  return [{ option: 'clients', problem, remedy }];
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
