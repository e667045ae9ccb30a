import { randomUUID } from 'node:crypto';
import type { TokenKey, TokenRecord } from 'nestjs-oauth-client';
import { PostgresTokenStore, type PostgresTokenStoreOptions } from 'nestjs-oauth-client/postgres';
import { onTestFinished, vi } from 'vitest';
import type { PostgresServer } from '../support/postgres-server.js';

/** A record with secrets that are told from all others. */
export function newRecord(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    format: 1,
    version: randomUUID(),
    obtainedAt: 1_700_000_000,
    accessToken: `access-${randomUUID()}`,
    tokenType: 'Bearer',
    refreshToken: `refresh-${randomUUID()}`,
    scope: ['read'],
    raw: {},
    ...changes,
  };
}

/** A store that makes its table and is closed after the test. */
export function newStore(
  server: PostgresServer,
  options: Partial<Omit<PostgresTokenStoreOptions, 'pool' | 'url'>> = {},
): PostgresTokenStore {
  const store = new PostgresTokenStore({ url: server.url, createTable: true, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A key that no other test has. */
export function newKey(subject = 'alice', variant?: string): TokenKey {
  return { client: `client-${randomUUID()}`, subject, ...(variant !== undefined && { variant }) };
}

/** Waits until an assertion holds, however busy the machine is. */
export function eventually<T>(assertion: () => T): Promise<Awaited<T>> {
  return vi.waitFor(assertion, { interval: 10, timeout: 10_000 }) as Promise<Awaited<T>>;
}

/** What a store says has changed from now on, once its feed is connected. */
export async function listen(
  store: PostgresTokenStore,
): Promise<{ keys: TokenKey[]; errors: unknown[]; stop: () => void }> {
  const [keys, errors]: [TokenKey[], unknown[]] = [[], []];
  const probe = newKey('probe');
  let connected = false;
  const subscription = store.changes$.subscribe({
    next: (key) => {
      if (key.client === probe.client) connected = true;
      else if (key.subject !== 'probe') keys.push(key);
    },
    error: (error: unknown) => errors.push(error),
  });
  onTestFinished(() => subscription.unsubscribe());
  await eventually(async () => {
    await store.set(probe, newRecord());
    if (!connected) throw new Error('The feed is not connected yet');
  });
  await store.delete(probe);
  return { keys, errors, stop: () => subscription.unsubscribe() };
}
