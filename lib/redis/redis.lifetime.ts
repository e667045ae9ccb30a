import type { TokenRecord } from '../protocol/token-record.js';

/** Under what name servers say how long a refresh token lasts, in seconds. */
const REFRESH_LIFETIMES = ['refresh_expires_in', 'refresh_token_expires_in'] as const;

/**
 * When a record is of no use any more, in epoch milliseconds: once neither of its tokens can be
 * used. `undefined` is never, or unknown.
 *
 * @param refreshExpiresInSeconds - How long a refresh token lasts where its server does not say.
 */
export function endOf(
  record: TokenRecord,
  refreshExpiresInSeconds: number | undefined,
): number | undefined {
  const accessEnd = record.expiresAt;
  if (accessEnd === undefined) return undefined;
  if (record.refreshToken === undefined) return inMilliseconds(accessEnd);
  const lifetime = statedLifetime(record.raw) ?? refreshExpiresInSeconds;
  // Nothing, as Keycloak says of offline tokens, is for ever.
  if (lifetime === undefined || lifetime <= 0) return undefined;
  const { obtainedAt, refreshObtainedAt = obtainedAt } = record;
  return inMilliseconds(Math.max(accessEnd, refreshObtainedAt + lifetime));
}

function statedLifetime(raw: TokenRecord['raw']): number | undefined {
  return REFRESH_LIFETIMES.map((name) => seconds(raw[name])).find((found) => found !== undefined);
}

function seconds(value: unknown): number | undefined {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = isNumeric ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function inMilliseconds(epochSeconds: number): number | undefined {
  const end = Math.ceil(epochSeconds * 1000);
  return Number.isSafeInteger(end) ? end : undefined;
}
