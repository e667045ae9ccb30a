import { ConfigurationError } from '../errors/configuration.errors.js';
import { defined } from '../protocol/defined.js';
import { isObject, numberProblems, unknownProblems } from './option-values.js';

/** A timer takes no more, and no fractions; given more, it would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a call over all clients takes: what is left out is filled in. */
export interface FleetOptionRules<T extends object, D extends Partial<T>> {
  readonly defaults: D;
  /** Numbers without a default. */
  readonly numbers?: readonly (keyof T & string)[];
  /** What is neither a number nor has a default. */
  readonly others?: readonly (keyof T & string)[];
}

/**
 * The options of a call over all clients, with its defaults filled in.
 *
 * @throws ConfigurationError for an option that does not exist, or that is none of what it may be.
 */
export function fleetOptions<T extends object, D extends Partial<T>>(
  method: string,
  given: T,
  { defaults, numbers = [], others = [] }: FleetOptionRules<T, D>,
): T & D {
  if (!isObject(given)) throw refused(method, 'was given no options.', 'Pass an object.');
  const isNumber = ([name]: [string, unknown]) =>
    numbers.some((known) => known === name) ||
    typeof (defaults as Record<string, unknown>)[name] === 'number';
  const counted = Object.fromEntries(Object.entries(given).filter(isNumber));
  const known = [...Object.keys(defaults), ...numbers, ...others];
  const [mistake] = [...unknownProblems('', given, known), ...numberProblems('', counted)];
  if (mistake) {
    const name = mistake.option.replace(/^\./, '');
    throw refused(method, `was given "${name}". ${mistake.problem}`, mistake.remedy);
  }
  const { clients, signal, grants } = given as Record<string, unknown>;
  demandNames(method, clients);
  if (signal !== undefined && !isSignal(signal)) {
    throw refused(method, 'was given a "signal" that is none.', 'Pass that of an AbortController.');
  }
  if (grants !== undefined && typeof grants !== 'boolean') {
    throw refused(method, 'was given "grants" that is no boolean.', 'Write true or false.');
  }
  const filled: T & D = { ...defaults, ...(defined(given) as T) };
  const { timeoutMs } = filled as { timeoutMs?: number };
  if (timeoutMs === undefined) return filled;
  return { ...filled, timeoutMs: Math.min(Math.ceil(timeoutMs), LONGEST_TIMER_MS) };
}

function demandNames(method: string, clients: unknown): void {
  const isList = Array.isArray(clients) && clients.every((name) => typeof name === 'string');
  if (clients === undefined || isList) return;
  throw refused(method, 'was given "clients" that are no list.', "Write clients: ['github'].");
}

function isSignal(signal: unknown): boolean {
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

function refused(method: string, problem: string, remedy: string): ConfigurationError {
  return new ConfigurationError({ problem: `${method}() ${problem}`, remedy });
}
