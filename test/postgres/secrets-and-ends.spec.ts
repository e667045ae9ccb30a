import { TokenStoreError } from 'nestjs-oauth-client';
import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';
import { PostgresServer } from '../support/postgres-server.js';
import { eventually, listen, newKey, newRecord, newStore } from './fixtures.js';

const OPEN = `SELECT count(*)::int AS open FROM pg_stat_activity
  WHERE application_name = 'nestjs-oauth-client'`;
let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

async function openConnections(): Promise<number> {
  const { rows } = await server.pool().query<{ open: number }>(OPEN);
  return rows[0]!.open;
}

describe('what a PostgresTokenStore shows', () => {
  it('is its table: no password, no record', async () => {
    const store = newStore(server);
    const record = newRecord();
    await store.set(newKey(), record);
    await listen(store);
    const { accessToken, refreshToken } = record;
    const secrets = { password: server.password, accessToken, refreshToken: refreshToken! };
    expect(leaks(store, secrets)).toEqual([]);
    expect(JSON.stringify(store)).toBe('{"table":"\\"public\\".\\"oauth_client_tokens\\""}');
  });

  it('is no record in the error of a database that quotes the row', async () => {
    const store = newStore(server, { table: 'checked' });
    const pool = server.pool();
    await store.get(newKey());
    await pool.query(`ALTER TABLE checked ADD CHECK (record NOT LIKE '%access%')`);
    const record = newRecord();
    const error = await failure(store.set(newKey(), record), TokenStoreError);
    expect((error.cause as { code?: string }).code).toBe('23514');
    const { accessToken, refreshToken, version } = record;
    expect(leaks(error, { accessToken, refreshToken: refreshToken!, version })).toEqual([]);
  });

  it('is no record in the error of a row that is not JSON', async () => {
    const store = newStore(server, { table: 'spoilt' });
    const key = newKey();
    await store.set(key, newRecord());
    await server.pool().query(`UPDATE spoilt SET record = 'a-secret-that-is-not-JSON'`);
    const secrets = { record: 'a-secret' };
    const lease = () => store.acquireLease(key, 60_000);
    for (const ask of [() => store.get(key), lease, lease]) {
      const error = await failure(ask, TokenStoreError);
      expect(leaks(error, secrets)).toEqual([]);
      expect(error.message).toContain('not JSON');
    }
  });

  it.each([
    ['is refused', (url: URL) => void (url.password = 'wrong-secret')],
    ['leads nowhere', (url: URL) => void ([url.port, url.password] = ['1', 'wrong-secret'])],
  ])('is no password in the error of a URL that %s', async (_what, change) => {
    const url = new URL(server.url);
    change(url);
    const store = new PostgresTokenStore({ url: url.href });
    const error = await failure(store.get(newKey()), TokenStoreError);
    expect(leaks(error, { password: 'wrong-secret' })).toEqual([]);
    await store.close();
  });

  it('is no password in the error of a URL that is none', async () => {
    const store = new PostgresTokenStore({ url: 'postgres://user:wrong-secret@[host/db' });
    const error = await failure(store.get(newKey()), TokenStoreError);
    expect(leaks(error, { password: 'wrong-secret' })).toEqual([]);
    const fed = await new Promise((failed) => store.changes$.subscribe({ error: failed }));
    expect(leaks(fed, { password: 'wrong-secret' })).toEqual([]);
    await store.close();
  });
});

describe('close()', () => {
  it('ends every connection that the store has made', async () => {
    const store = newStore(server);
    await listen(store);
    expect(await openConnections()).toBeGreaterThan(1);
    await store.close();
    await eventually(async () => expect(await openConnections()).toBe(0));
    await failure(store.get(newKey()), TokenStoreError);
    await store.close();
  });

  it('leaves a pool alone that was handed in', async () => {
    const pool = server.pool();
    const store = new PostgresTokenStore({ pool, createTable: true });
    await listen(store);
    await store.close();
    expect(pool.ending).toBe(false);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('has nothing to end where nothing was asked', async () => {
    const store = new PostgresTokenStore({ url: 'postgres://nobody@127.0.0.1:1/none' });
    await store.close();
  });
});
