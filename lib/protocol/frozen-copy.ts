const frozen = new WeakSet<object>();

/**
 * A deep copy of plain data that nobody can change. What is such a copy already is returned as it
 * is; texts are shared, not duplicated.
 */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value;
  const copy: object = Array.isArray(value)
    ? value.map((item) => frozenCopy(item as unknown))
    : copyOf(value as Record<string, unknown>);
  frozen.add(Object.freeze(copy));
  return copy as T;
}

function copyOf(value: Record<string, unknown>): object {
  // One by one: what is spread keeps half as much memory again, and stores keep it for long.
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = frozenCopy(value[key]);
    if (key === '__proto__') Object.defineProperty(copy, key, { value: item, enumerable: true });
    else copy[key] = item;
  }
  return copy;
}
