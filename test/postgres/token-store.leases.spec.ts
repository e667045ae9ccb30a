import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { eventually, newKey, newRecord, newStore } from './fixtures.js';

const TABLE = 'public.oauth_client_tokens';
let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());
afterEach(() => vi.useRealTimers());

describe('a renewal on Postgres', () => {
  it('is two statements by the server’s own log', async () => {
    const store = newStore(server);
    const key = newKey();
    await store.set(key, newRecord());
    const recorded = await server.recordStatements();
    const lease = await store.acquireLease(key, 60_000);
    expect(await lease!.commit(newRecord())).toBe(true);
    const statements = await recorded();
    expect(statements.map((text) => text.trim().split(' ')[0])).toEqual(['INSERT', 'WITH']);
  });

  it('costs a waiter one statement', async () => {
    const store = newStore(server);
    const key = newKey();
    await store.acquireLease(key, 60_000);
    const recorded = await server.recordStatements();
    expect(await store.acquireLease(key, 60_000)).toBeUndefined();
    expect(await recorded()).toHaveLength(1);
  });

  it('holds no connection between the lease and the commit', async () => {
    const pool = server.pool();
    const store = new PostgresTokenStore({ pool, createTable: true });
    const lease = await store.acquireLease(newKey(), 60_000);
    expect(lease).toBeDefined();
    expect(pool.idleCount).toBe(pool.totalCount);
    const open = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE state LIKE 'idle in%'`;
    expect((await pool.query(open)).rows).toEqual([{ open: 0 }]);
  });
});

describe('a lease on Postgres', () => {
  it('is granted once to 200 who ask two stores for it at once', async () => {
    const stores = [newStore(server), newStore(server)];
    const key = newKey();
    await stores[0]!.set(key, newRecord());
    const asked = Array.from({ length: 200 }, (_, index) =>
      stores[index % 2]!.acquireLease(key, 60_000),
    );
    expect((await Promise.all(asked)).filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('is granted once, also of a key that nothing was known of', async () => {
    const stores = [newStore(server), newStore(server)];
    const key = newKey();
    const asked = Array.from({ length: 200 }, (_, index) =>
      stores[index % 2]!.acquireLease(key, 60_000),
    );
    expect((await Promise.all(asked)).filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('is granted once where transactions are serialisable by default', async () => {
    const pool = server.pool({ options: '-c default_transaction_isolation=serializable' });
    const store = new PostgresTokenStore({ pool, createTable: true });
    const key = newKey();
    await store.set(key, newRecord());
    const asked = await Promise.all(
      Array.from({ length: 30 }, () => store.acquireLease(key, 60_000)),
    );
    const granted = asked.filter((lease) => lease !== undefined);
    expect(granted).toHaveLength(1);
    expect(await granted[0]!.commit(newRecord())).toBe(true);
  });

  it('lapses by the clock of the database, whatever this process takes the time for', async () => {
    const store = newStore(server);
    const key = newKey();
    const lease = await store.acquireLease(key, 60_000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect(await store.acquireLease(key, 60_000)).toBeUndefined();
    vi.setSystemTime(Date.now() - 7_200_000);
    expect(await lease!.renew(1)).toBe(true);
    await eventually(async () => expect(await store.acquireLease(key, 60_000)).toBeDefined());
  });

  it('leaves no row behind that was there for leases alone', async () => {
    const store = newStore(server);
    const keys = [newKey(), newKey(), newKey()];
    const [released, committed, deleted] = await Promise.all(
      keys.map((key) => store.acquireLease(key, 60_000)),
    );
    await released!.release();
    await committed!.commit(undefined);
    await store.delete(keys[2]!);
    await deleted!.release();
    const { rows } = await server
      .pool()
      .query(`SELECT 1 FROM ${TABLE} WHERE client = ANY ($1)`, [keys.map(({ client }) => client)]);
    expect(rows).toEqual([]);
  });

  it('leaves its row to whoever was granted the next one', async () => {
    const store = newStore(server);
    const key = newKey();
    const lapsed = await store.acquireLease(key, 1);
    let next: Awaited<ReturnType<typeof store.acquireLease>>;
    await eventually(async () =>
      expect((next = await store.acquireLease(key, 60_000))).toBeDefined(),
    );
    await lapsed!.release();
    expect(await next!.renew(60_000)).toBe(true);
    await next!.release();
    await next!.release();
    expect((await store.acquireLease(key, 60_000))!.abandoned).toBe(false);
  });

  it('keeps a record abandoned, and its row small, however many have died on it', async () => {
    const store = newStore(server);
    const pool = server.pool();
    const key = newKey();
    await store.set(key, newRecord());
    const lapse = `UPDATE ${TABLE} SET lease_ends_at = clock_timestamp() WHERE client = $1`;
    for (let died = 0; died < 40; died += 1) {
      expect((await store.acquireLease(key, 60_000))!.abandoned).toBe(died > 0);
      await pool.query(lapse, [key.client]);
    }
    const size = `SELECT cardinality(outstanding) AS size FROM ${TABLE} WHERE client = $1`;
    const { rows } = await pool.query<{ size: number }>(size, [key.client]);
    expect(rows[0]!.size).toBeLessThanOrEqual(17);
    const last = await store.acquireLease(key, 60_000);
    await last!.release();
    expect((await store.acquireLease(key, 60_000))!.abandoned).toBe(true);
  });
});
