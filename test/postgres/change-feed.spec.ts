import { TokenStoreError, type TokenKey } from 'nestjs-oauth-client';
import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { Client } from 'pg';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../support/failure.js';
import { PostgresServer } from '../support/postgres-server.js';
import { DeafProxy } from './deaf-proxy.js';
import { eventually, listen, newKey, newRecord, newStore } from './fixtures.js';

const LISTENERS = `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %'`;
const KILL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'`;
const QUICK = { everyMs: 20, limitMs: 2_000 };

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

async function listeners(): Promise<number> {
  const { rowCount } = await server.pool().query(LISTENERS);
  return rowCount!;
}

function storeBehind(proxy: DeafProxy): PostgresTokenStore {
  const options = { url: proxy.url, createTable: true, heartbeat: QUICK };
  const store = new PostgresTokenStore(options);
  onTestFinished(() => store.close());
  return store;
}

describe('the change feed of a PostgresTokenStore', () => {
  it('tells one process what another one has written', async () => {
    const [one, other] = [newStore(server), newStore(server)];
    const { keys } = await listen(one);
    const key = newKey('alice', 'variant');
    await other.set(key, newRecord());
    await other.delete(key);
    const lease = await other.acquireLease(key, 60_000);
    await lease!.commit(newRecord());
    await eventually(() => expect(keys).toEqual([key, key, key]));
  });

  it('says nothing of leases, nor of a delete that found nothing', async () => {
    const store = newStore(server);
    const { keys } = await listen(store);
    const key = newKey();
    const lease = await store.acquireLease(key, 60_000);
    await lease!.renew(60_000);
    await lease!.release();
    await store.delete(key);
    const end = newKey();
    await store.set(end, newRecord());
    await eventually(() => expect(keys).toEqual([end]));
  });

  it('has one connection however many subscribe, and none once nobody does', async () => {
    const store = newStore(server);
    const feeds = [await listen(store), await listen(store), await listen(store)];
    expect(await listeners()).toBe(1);
    for (const { stop } of feeds) stop();
    await eventually(async () => expect(await listeners()).toBe(0));
  });

  it('takes no connection from a pool that was handed in', async () => {
    const pool = server.pool({ max: 1 });
    const store = new PostgresTokenStore({ pool, createTable: true });
    onTestFinished(() => store.close());
    await listen(store);
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
    // An application that ends its pool first is not kept waiting.
    await pool.end();
  });

  it('errors when its connection is cut, and connects again when subscribed to again', async () => {
    const store = newStore(server);
    const { errors } = await listen(store);
    await server.pool().query(KILL);
    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toBeInstanceOf(TokenStoreError);
    const again = await listen(store);
    const key = newKey();
    await store.set(key, newRecord());
    await eventually(() => expect(again.keys).toEqual([key]));
  });

  it('goes on through heartbeats that arrive', async () => {
    const proxy = await DeafProxy.start(server);
    const store = storeBehind(proxy);
    const { errors, keys } = await listen(store);
    const recorded = await server.recordStatements();
    await eventually(async () => {
      const beats = (await recorded()).filter((text) => text.includes('SELECT pg_notify($1, $2)'));
      expect(beats.length).toBeGreaterThan(3);
    });
    const key = newKey();
    await store.set(key, newRecord());
    await eventually(() => expect(keys).toEqual([key]));
    expect(errors).toEqual([]);
  });

  it('errors when its heartbeat no longer arrives, though statements are answered', async () => {
    const proxy = await DeafProxy.start(server);
    const store = storeBehind(proxy);
    const { errors } = await listen(store);
    proxy.drops = 'notifications';
    await eventually(() => expect(errors).toHaveLength(1));
    expect((errors[0] as Error).message).toContain('PgBouncer');
    expect(await store.get(newKey())).toBeUndefined();
  });

  it('errors behind a pooler that never passes a notification on', async () => {
    const proxy = await DeafProxy.start(server);
    proxy.drops = 'notifications';
    const store = storeBehind(proxy);
    await failure(firstValueFrom(store.changes$), TokenStoreError);
  });

  it('errors when its connection is dead without a word', async () => {
    const proxy = await DeafProxy.start(server);
    const store = storeBehind(proxy);
    const { errors } = await listen(store);
    proxy.drops = 'everything';
    await eventually(() => expect(errors).toHaveLength(1));
  });

  it('errors when connecting takes too long', async () => {
    const proxy = await DeafProxy.start(server);
    proxy.drops = 'everything';
    const error = await failure(firstValueFrom(storeBehind(proxy).changes$), TokenStoreError);
    expect((error.cause as Error).message).toContain('2000 ms');
  });

  it('is completed by close(), which ends its connection', async () => {
    const store = newStore(server);
    await listen(store);
    const completed = new Promise<void>((complete) => store.changes$.subscribe({ complete }));
    await store.close();
    await completed;
    expect(await listeners()).toBe(0);
    await new Promise<void>((complete) => store.changes$.subscribe({ complete }));
  });

  it('tells of a write of this process before the write is done, and once', async () => {
    const store = newStore(server);
    const { keys } = await listen(store);
    const key = newKey();
    const seen: number[] = [];
    await store.set(key, newRecord());
    seen.push(keys.length);
    const lease = await store.acquireLease(key, 60_000);
    await lease!.commit(newRecord());
    seen.push(keys.length);
    await store.delete(key);
    seen.push(keys.length);
    expect(seen).toEqual([1, 2, 3]);
    const end = newKey();
    await newStore(server).set(end, newRecord());
    await eventually(() => expect(keys).toEqual([key, key, key, end]));
  });

  it('tells of a write of this process whose answer was lost', async () => {
    const pool = server.pool();
    let isLost = false;
    const wire = {
      options: pool.options,
      Client,
      query: async (statement: { text: string; values?: unknown[] }) => {
        const answer = await pool.query(statement);
        if (isLost) throw new Error('The connection was reset');
        return answer;
      },
    };
    const store = new PostgresTokenStore({ pool: wire, createTable: true });
    onTestFinished(() => store.close());
    const { keys } = await listen(store);
    isLost = true;
    const key = newKey();
    await failure(store.set(key, newRecord()), TokenStoreError);
    await eventually(() => expect(keys).toEqual([key]));
  });

  it('ignores what others put on its channel', async () => {
    const store = newStore(server);
    const { keys, errors } = await listen(store);
    const [{ channel }] = (
      await server.pool().query<{ channel: string }>(
        `SELECT substring(query FROM 'LISTEN "([^"]+)"') AS channel FROM pg_stat_activity
           WHERE query LIKE 'LISTEN %'`,
      )
    ).rows as [{ channel: string }];
    const write = '0123456789abcdef';
    const payloads = ['', ':', ':[]', ':[1,2]', ':null', '/1/2:x', '/0/0:x', '/x', ':[null,""]'];
    const junk = ['', '["a","b"]', ...payloads.map((payload) => write + payload)];
    for (const payload of junk) {
      await server.pool().query('SELECT pg_notify($1, $2)', [channel, payload]);
    }
    const key: TokenKey = newKey();
    await store.set(key, newRecord());
    await eventually(() => expect(keys).toEqual([key]));
    expect(errors).toEqual([]);
  });
});

describe('a PostgresTokenStore whose server is stopped and started again', () => {
  it('fails meanwhile, and goes on afterwards, feed included', async () => {
    const store = newStore(server, { heartbeat: QUICK });
    const { errors } = await listen(store);
    const key = newKey();
    const record = newRecord();
    await store.set(key, record);
    const lease = await store.acquireLease(key, 60_000);
    await server.suspend();
    await eventually(() => expect(errors).toHaveLength(1));
    await failure(store.get(key), TokenStoreError);
    await failure(firstValueFrom(store.changes$), TokenStoreError);
    await server.resume();
    expect(await store.get(key)).toEqual(record);
    const { keys } = await listen(store);
    expect(await lease!.commit(newRecord())).toBe(true);
    await eventually(() => expect(keys).toEqual([key]));
  });
});
