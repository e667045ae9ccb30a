const LIMIT = 200;
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/**
 * Text that came from outside (an `error_description`, a header value) made fit for a message or a
 * log line: control characters become spaces, at most 200 characters are kept.
 */
export function externalText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const clean = value
    .slice(0, 4 * LIMIT)
    .replace(UNPRINTABLE, ' ')
    .trim();
  if (clean === '') return undefined;
  return clean.length > LIMIT ? `${clean.slice(0, LIMIT - 1)}…` : clean;
}
