import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import { OPTION_NAMES, unknownOptions } from './option-names.js';
import { httpProblems } from './option-problems.js';

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

/** Every mistake in the options of the module itself. */
export function moduleProblems(options: object): ConfigurationProblem[] {
  const given = options as Record<'cache' | 'http' | 'transport' | 'refresh' | 'clients', unknown>;
  const of = (path: string, value: unknown, known: readonly string[]): ConfigurationProblem[] =>
    unknownOptions(isObject(value) ? value : {}, known).map(({ option, meant }) => ({
      option: path + option,
      problem: 'There is no such option.',
      remedy: meant === undefined ? 'Leave it out.' : `Did you mean "${path}${meant}"?`,
    }));
  const problems = [
    ...of('', options, MODULE_OPTIONS),
    ...of('cache.', given.cache, CACHE_OPTIONS),
    ...of('refresh.', given.refresh, OPTION_NAMES.refresh),
    ...of('transport.', given.transport, OPTION_NAMES.transport),
    ...httpProblems(isObject(given.http) ? given.http : undefined),
  ];
  if (isObject(given.clients)) return problems;
  const remedy = 'Set clients: { name: { … } }; an empty object where features bring them all.';
  return [...problems, { option: 'clients', problem: 'It is missing.', remedy }];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
