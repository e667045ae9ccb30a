import { REFRESH_LIFETIMES } from '../protocol/token-merge.js';
import type { TokenRecord } from '../protocol/token-record.js';

/**
 * When a record is of no use any more, in epoch seconds: once neither of its tokens can be used.
 * `undefined` is never, or unknown.
 *
 * @param refreshExpiresInSeconds - How long a refresh token lasts where its server does not say.
 */
export function endOfRecord(
  { expiresAt, refreshToken, obtainedAt, refreshObtainedAt = obtainedAt, raw }: TokenRecord,
  refreshExpiresInSeconds: number | undefined,
): number | undefined {
  if (expiresAt === undefined || refreshToken === undefined) return expiresAt;
  const [stated] = Object.values(refreshLifetimes(raw));
  const lifetime = stated ?? refreshExpiresInSeconds;
  // Nothing, as Keycloak says of offline tokens, is for ever.
  if (lifetime === undefined || lifetime <= 0) return undefined;
  return Math.max(expiresAt, refreshObtainedAt + lifetime);
}

/** Of a token response, how long the refresh token lasts, in seconds, by the server's name for it. */
export function refreshLifetimes(raw: TokenRecord['raw']): Record<string, number> {
  return Object.fromEntries(
    REFRESH_LIFETIMES.map((name) => [name, seconds(raw[name])] as const).filter(
      (lifetime): lifetime is [(typeof REFRESH_LIFETIMES)[number], number] =>
        lifetime[1] !== undefined,
    ),
  );
}

function seconds(value: unknown): number | undefined {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = isNumeric ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
