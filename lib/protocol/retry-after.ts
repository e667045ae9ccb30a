/**
 * Seconds to wait from a `Retry-After` header, given as seconds or as a date (RFC 9110, section
 * 10.2.3); never negative, `undefined` when there is none that can be understood.
 */
export function retryAfterSeconds(
  header: string | null | undefined,
  nowSeconds: number,
): number | undefined {
  if (header === null || header === undefined) return undefined;
  const value = header.trim();
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = /^[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil(date / 1000 - nowSeconds));
}
