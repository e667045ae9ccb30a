import type { TokenRecord } from '../protocol/token-record.js';

/** Clocks differ, and a token may be looked at after its end, in seconds. */
const GRACE_SECONDS = 3_600;
/** Beyond the year 200,000, which Postgres can just say; nobody waits for that. */
const LAST = 6e12;

/**
 * When neither token of a record can be used any more, in epoch seconds; `null` when that is not
 * known. How long a refresh token lives the server says (`refresh_expires_in` or
 * `refresh_token_expires_in`, neither of them standard; 0 is for ever), or else the option.
 */
export function deletableAt(
  record: TokenRecord,
  refreshExpiresInSeconds: number | undefined,
): number | null {
  const { expiresAt, refreshToken, obtainedAt, refreshObtainedAt = obtainedAt, raw } = record;
  if (expiresAt === undefined) return null;
  let last = expiresAt;
  if (refreshToken !== undefined) {
    const life =
      seconds(raw['refresh_expires_in']) ??
      seconds(raw['refresh_token_expires_in']) ??
      refreshExpiresInSeconds;
    // Nothing, as Keycloak says of offline tokens, is for ever.
    if (life === undefined || !(life > 0)) return null;
    last = Math.max(last, refreshObtainedAt + life);
  }
  last += GRACE_SECONDS;
  return last > 0 && last < LAST ? last : null;
}

function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
