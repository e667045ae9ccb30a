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
  const copy = { ...value };
  for (const key of Object.keys(copy)) {
    if (typeof copy[key] === 'object') copy[key] = frozenCopy(copy[key]);
  }
  return copy;
}
