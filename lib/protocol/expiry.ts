/**
 * When a token ends, in epoch seconds, from what a server (or a stored response) says of it;
 * `undefined` when it says nothing that can be understood.
 *
 * `expires_at` (not standard) wins over `expires_in`. Numbers and numeric text count; fractions are
 * dropped; a negative lifetime is an expired token; a zero lifetime, empty or other text say
 * nothing, as servers send them for tokens without an end.
 */
export function expiryOf(
  response: Readonly<Record<string, unknown>>,
  nowSeconds: number,
): number | undefined {
  const at = finiteNumber(response['expires_at']);
  if (at !== undefined && at > 0) return Math.trunc(at);
  const lifetime = finiteNumber(response['expires_in']);
  if (lifetime === undefined || Math.trunc(lifetime) === 0) return undefined;
  const end = Math.trunc(nowSeconds) + Math.trunc(lifetime);
  return Number.isSafeInteger(end) ? end : undefined;
}

/** A finite number from a number or numeric text that stays exact as an integer. */
export function finiteNumber(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value)
        ? Number(value)
        : Number.NaN;
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined;
}

/**
 * How long before its end a token is renewed, in seconds: the configured leeway, but at most a
 * quarter of the token's lifetime, so that a short-lived token is not renewed on every call.
 */
export function effectiveLeeway(
  leewaySeconds: number,
  obtainedAt: number,
  expiresAt: number,
): number {
  return Math.max(0, Math.min(leewaySeconds, (expiresAt - obtainedAt) / 4));
}
