/** A scope as a list, from wire text (separated by spaces or commas) or a list; no duplicates. */
export function scopeList(scope: unknown): string[] | undefined {
  const parts =
    typeof scope === 'string'
      ? scope.split(/[\s,]+/)
      : Array.isArray(scope)
        ? scope.filter((part): part is string => typeof part === 'string')
        : undefined;
  return parts && [...new Set(parts.filter((part) => part !== ''))];
}
