const frozen = new WeakSet<object>();

/**
 * A deep copy of plain data that nobody can change. What is such a copy already is returned as it
 * is; texts are shared, not duplicated.
 */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value;
  const copy = (
    Array.isArray(value)
      ? value.map((item) => frozenCopy(item as unknown))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, frozenCopy(item)]))
  ) as T & object;
  frozen.add(Object.freeze(copy));
  return copy;
}
