import { randomBytes, randomUUID } from 'node:crypto';
import { MemoryTokenStore, type TokenKey, type TokenRecord } from 'nestjs-oauth-client';
import type { EncryptedTokenStoreOptions } from '../../lib/store/encrypted.options.js';
import { EncryptedTokenStore } from '../../lib/store/encrypted.token-store.js';

export const ALICE: TokenKey = { client: 'github', subject: 'alice' };
export const BOB: TokenKey = { client: 'github', subject: 'bob' };

/** 32 bytes, as an operator would configure them. */
export function newKey(): string {
  return randomBytes(32).toString('base64');
}

/** A record with a secret in every place that may hold one. */
export function record(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    format: 1,
    version: randomUUID(),
    grantId: 'the-grant',
    obtainedAt: 1_700_000_000,
    accessToken: 'secret-access',
    tokenType: 'Bearer',
    refreshToken: 'secret-refresh',
    expiresAt: 1_700_003_600,
    scope: ['secret-scope'],
    idToken: 'secret-id',
    claims: { iss: 'https://secret.example', sub: 'secret-sub' },
    raw: { access_token: 'secret-access' },
    ...changes,
  };
}

/** An encrypted store with the store that it wraps, for who can write there. */
export function bench(options: Partial<EncryptedTokenStoreOptions> = {}) {
  const inner = new MemoryTokenStore();
  const keys = options.keys ?? [{ kid: 'one', key: newKey() }];
  const open = (changes: Partial<EncryptedTokenStoreOptions> = {}) =>
    new EncryptedTokenStore(inner, { ...options, keys, ...changes });
  return { inner, keys, store: open(), open };
}

/** The JWE of a record as the wrapped store holds it. */
export function jweOf(stored: TokenRecord | undefined): string {
  return String(stored?.raw['jwe']);
}

/** All that an iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
