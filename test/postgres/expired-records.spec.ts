import type { TokenRecord } from 'nestjs-oauth-client';
import type { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { newKey, newRecord, newStore } from './fixtures.js';

const HOUR = 3_600;
let server: PostgresServer;
let tables = 0;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

/** A store with a table of its own: what expires in one is deleted by whoever writes next. */
function ownStore(options: Parameters<typeof newStore>[1] = {}): {
  store: PostgresTokenStore;
  table: string;
} {
  tables += 1;
  const table = `expired_${tables}`;
  return { store: newStore(server, { table, ...options }), table };
}

/** A record as of so many seconds ago, whose access token was good for an hour. */
function aged(seconds: number, changes: Partial<TokenRecord> = {}): TokenRecord {
  const { refreshToken: _, ...record } = newRecord();
  const obtainedAt = Math.floor(Date.now() / 1000) - seconds;
  return { ...record, obtainedAt, expiresAt: obtainedAt + HOUR, ...changes };
}

async function isKept(
  record: TokenRecord,
  options: Parameters<typeof newStore>[1] = {},
): Promise<boolean> {
  const { store } = ownStore(options);
  const key = newKey();
  await store.set(key, record);
  const deleted = await store.purgeExpired();
  const kept = (await store.get(key)) !== undefined;
  expect(deleted).toBe(kept ? 0 : 1);
  return kept;
}

const REFRESHABLE = { refreshToken: 'refresh' };

describe('a record on Postgres is deleted', () => {
  it.each<[string, TokenRecord, Parameters<typeof newStore>[1]]>([
    ['an hour after its end, without a refresh token', aged(2 * HOUR + 9), {}],
    [
      'once the life of its refresh token is over, as the server said',
      aged(4 * HOUR, { ...REFRESHABLE, raw: { refresh_expires_in: 2 * HOUR } }),
      {},
    ],
    [
      'once the life of its refresh token is over, as the server said in another word',
      aged(4 * HOUR, { ...REFRESHABLE, raw: { refresh_token_expires_in: `${2 * HOUR}` } }),
      {},
    ],
    [
      'once the life of its refresh token is over, as the option says',
      aged(4 * HOUR, REFRESHABLE),
      { refreshExpiresInSeconds: 2 * HOUR },
    ],
  ])('%s', async (_title, record, options) => {
    expect(await isKept(record, options)).toBe(false);
  });
});

describe('a record on Postgres is kept', () => {
  const unknownEnd = { ...aged(9 * HOUR) };
  delete (unknownEnd as { expiresAt?: number }).expiresAt;

  it.each<[string, TokenRecord, Parameters<typeof newStore>[1]]>([
    ['within an hour of its end', aged(2 * HOUR - 60), {}],
    ['with a refresh token of unknown life', aged(999_999 * HOUR, REFRESHABLE), {}],
    [
      'with a refresh token that a variant brought since, from when that one came',
      aged(9 * HOUR, {
        ...REFRESHABLE,
        refreshObtainedAt: Math.floor(Date.now() / 1000),
        raw: { refresh_expires_in: HOUR },
      }),
      {},
    ],
    [
      'with a refresh token that has no end, as the server said',
      aged(99 * HOUR, { ...REFRESHABLE, raw: { refresh_expires_in: 0 } }),
      { refreshExpiresInSeconds: HOUR },
    ],
    [
      'while its refresh token lives, as the server said, whatever the option says',
      aged(4 * HOUR, { ...REFRESHABLE, raw: { refresh_expires_in: 9 * HOUR } }),
      { refreshExpiresInSeconds: HOUR },
    ],
    [
      'while its access token outlives its refresh token',
      aged(4 * HOUR, {
        ...REFRESHABLE,
        expiresAt: Date.now() / 1000,
        raw: { refresh_expires_in: 1 },
      }),
      {},
    ],
    ['when its end is not known', unknownEnd, {}],
    ['when its end is beyond all dates', aged(0, { expiresAt: 1e300 }), {}],
  ])('%s', async (_title, record, options) => {
    expect(await isKept(record, options)).toBe(true);
  });

  it('while a lease on it is held, and for an hour after', async () => {
    const { store, table } = ownStore();
    const pool = server.pool();
    const key = newKey();
    await store.set(key, aged(9 * HOUR));
    const lease = await store.acquireLease(key, 60_000);
    expect(await store.purgeExpired()).toBe(0);
    await pool.query(`UPDATE ${table} SET lease_ends_at = clock_timestamp() - interval '59 min'`);
    expect(await store.purgeExpired()).toBe(0);
    expect(await lease!.commit(aged(9 * HOUR))).toBe(true);
    expect(await store.purgeExpired()).toBe(1);
  });
});

describe('what is of no use any more on Postgres', () => {
  it('goes along with writes, 8 rows at a time', async () => {
    const { store, table } = ownStore();
    await store.get(newKey());
    await fill(table, 20);
    await store.set(newKey(), newRecord());
    expect(await rows(table)).toBe(13);
    const lease = await store.acquireLease(newKey(), 60_000);
    await lease!.commit(newRecord());
    expect(await rows(table)).toBe(6);
  });

  it('is not the record that is just being written', async () => {
    const { store } = ownStore();
    const key = newKey();
    for (let time = 0; time < 2; time += 1) {
      await store.set(key, aged(9 * HOUR));
      expect(await store.get(key)).toBeDefined();
    }
  });

  it('is what a lease alone has left, an hour after its end', async () => {
    const { store, table } = ownStore();
    await store.acquireLease(newKey(), 60_000);
    const pool = server.pool();
    expect(await store.purgeExpired()).toBe(0);
    await pool.query(`UPDATE ${table} SET lease_ends_at = clock_timestamp() - interval '61 min'`);
    expect(await store.purgeExpired()).toBe(1);
    expect(await rows(table)).toBe(0);
  });

  it('is deleted by many at once, each row once', async () => {
    const { store, table } = ownStore();
    await store.get(newKey());
    await fill(table, 2500);
    const deleted = await Promise.all([1, 2, 3].map(() => store.purgeExpired()));
    expect(deleted.reduce((sum, one) => sum + one)).toBe(2500);
  });
});

/** Puts so many rows into a table that nobody can use any more. */
async function fill(table: string, count: number): Promise<void> {
  await server.pool().query(
    `INSERT INTO ${table} (id, client, subject, revision, deletable_at)
     SELECT sha256(n::text::bytea), 'c', n::text, gen_random_uuid(), '-infinity'
     FROM generate_series(1, $1) AS n`,
    [count],
  );
}

async function rows(table: string): Promise<number> {
  return (await server.pool().query(`SELECT 1 FROM ${table}`)).rowCount!;
}
