import { randomUUID } from 'node:crypto';
import type { TokenKey, TokenRecord } from 'nestjs-oauth-client';

/** A key that no other test has. */
export function newKey(subject = 'alice'): TokenKey {
  return { client: `client-${randomUUID()}`, subject };
}

/** A record as this library writes it. */
export function newRecord(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    format: 1,
    version: randomUUID(),
    obtainedAt: Math.floor(Date.now() / 1000),
    accessToken: `access-${randomUUID()}`,
    tokenType: 'Bearer',
    refreshToken: `refresh-${randomUUID()}`,
    scope: ['read'],
    raw: {},
    ...changes,
  };
}
