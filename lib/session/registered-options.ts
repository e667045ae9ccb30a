import type { OAuthClientOptions } from './oauth-client.options.js';
import { isObject } from './option-values.js';

const MAX_DEPTH = 20;

/** A copy of options that stays as it is when its repository changes its own object in place. */
export function optionsAsTheyAre<T extends OAuthClientOptions | null | undefined>(options: T): T {
  // The row of a table is an instance of its class.
  const plain = isObject(options) ? { ...options } : options;
  return copyOf(plain, 0) as T;
}

function copyOf(value: unknown, depth: number): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, copyOf(item, depth + 1)]),
  );
}

/**
 * Whether two options say the same. Functions, keys and instances of classes are the same only
 * where they are one and the same: nothing can be seen of what they hold.
 */
export function sameOptions(one: unknown, other: unknown, depth = 0): boolean {
  if (Object.is(one, other)) return true;
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return one.equals(other);
  if (depth > MAX_DEPTH) return false;
  const areLists = Array.isArray(one) && Array.isArray(other);
  if (!areLists && !(isPlain(one) && isPlain(other))) return false;
  const [mine, theirs] = [given(one), given(other)];
  if (mine.size !== theirs.size) return false;
  return [...mine].every(
    ([name, item]) => theirs.has(name) && sameOptions(item, theirs.get(name), depth + 1),
  );
}

/** What counts as given: an option that is `undefined` is left out. */
function given(value: object): Map<string, unknown> {
  return new Map(Object.entries(value).filter(([, item]: [string, unknown]) => item !== undefined));
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
