/** The values that were given: an option that is `undefined` counts as left out. */
export function defined<T extends object>(
  values: T | undefined,
): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]: NonNullable<T[K]> };
}
