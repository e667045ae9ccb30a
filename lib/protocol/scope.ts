/** What is known of a scope before it is read. */
export interface ScopeOptions {
  /** What stands between its parts, beside white space. */
  readonly separator?: string | undefined;
  /** Parts that were asked for, and what they are called in the answer. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** What was asked for: a part with a comma in it is one part of the answer, too. */
  readonly asked?: readonly string[];
}

/**
 * A scope as a list, from wire text or a list; no duplicates. RFC 6749, section 3.3, separates by
 * spaces and allows a comma inside of a part, so that commas separate only where there are no
 * spaces, or behind them, and nothing with a comma was asked for.
 */
export function scopeList(scope: unknown, options: ScopeOptions = {}): string[] | undefined {
  const parts =
    typeof scope === 'string'
      ? split(scope, options)
      : Array.isArray(scope)
        ? scope.filter((part): part is string => typeof part === 'string')
        : undefined;
  if (!parts) return undefined;
  const named = parts.filter((part) => part !== '').map((part) => askedName(part, options));
  return [...new Set(named)];
}

/** The name by which a part was asked for. */
function askedName(part: string, { aliases = {}, asked = [] }: ScopeOptions): string {
  return asked.find((name) => Object.hasOwn(aliases, name) && aliases[name] === part) ?? part;
}

function split(scope: string, { separator = ' ', asked = [] }: ScopeOptions): string[] {
  const spaced = separator.trim() === '' ? scope : scope.replaceAll(separator, ' ');
  const parts = spaced.trim().split(/,?\s+/);
  const byComma = parts.length === 1 && !asked.some((part) => part.includes(','));
  return byComma ? spaced.split(/[\s,]+/) : parts;
}
