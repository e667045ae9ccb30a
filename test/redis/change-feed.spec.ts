import { Subject } from 'rxjs';
import { TokenStoreError, type TokenKey } from 'nestjs-oauth-client';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { changeFeed } from '../../lib/redis/redis.change-feed.js';
import { RedisKeys } from '../../lib/redis/redis.keys.js';
import { RedisServer } from '../../lib/redis/redis.server.js';
import { RealRedis, RealRedisCluster, redisRemark, withoutRedis } from '../support/redis-server.js';
import { CLUSTER_DRIVERS, DRIVERS, type Connection } from './connections.js';
import { connected, heardOf, lost } from './feed.js';
import { newKey, newRecord } from './records.js';

/** How many connections listen. */
async function listeners(server: RealRedis): Promise<number> {
  const list = await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub');
  return list === '' ? 0 : list.split('\n').length;
}

describe.skipIf(withoutRedis)(`changes$ of one Redis${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  describe.each(Object.entries(DRIVERS))('with %s', (_name, connect) => {
    let connection: Connection;
    beforeAll(async () => void (connection = await connect(server)));
    afterAll(() => connection.close());

    function newStore(prefix?: string): RedisTokenStore {
      const store = new RedisTokenStore({ client: connection.client, ...(prefix && { prefix }) });
      onTestFinished(() => store.close());
      return store;
    }

    it('is one connection for any number of subscribers, and none without', async () => {
      const store = newStore();
      const subscriptions = [1, 2, 3].map(() => store.changes$.subscribe());
      await connected(store);
      expect(await listeners(server)).toBe(1);
      for (const subscription of subscriptions) subscription.unsubscribe();
      await vi.waitFor(async () => expect(await listeners(server)).toBe(0));
    });

    it('is no connection when nobody waited until it was made', async () => {
      const store = newStore();
      store.changes$.subscribe().unsubscribe();
      await store.get(newKey());
      await vi.waitFor(async () => expect(await listeners(server)).toBe(0));
    });

    it('tells of what another process has changed, under the same prefix alone', async () => {
      const [here, there, elsewhere] = [newStore(), newStore(), newStore('elsewhere:')];
      const heard = heardOf(here);
      await connected(here);
      const [first, second] = [newKey(), newKey()];
      await elsewhere.set(second, newRecord());
      await there.set(first, newRecord());
      await there.delete(second);
      await there.delete(first);
      await vi.waitFor(() => expect(heard).toHaveLength(2));
      expect(heard).toEqual([first, first]);
    });

    it('does not mind what others publish on its channel', async () => {
      const store = newStore();
      const heard = heardOf(store);
      await connected(store);
      for (const text of ['', '{', '{a:b', '{%:b}', '{"client":"c"}', '{a:b}/lease']) {
        await server.command('PUBLISH', 'oauth:changes', text);
      }
      const key = newKey();
      await store.set(key, newRecord());
      await vi.waitFor(() => expect(heard).toEqual([key]));
    });

    it('errors when its connection is cut, for all subscribers, and connects again', async () => {
      const store = newStore();
      const failures = [lost(store), lost(store)];
      await connected(store);
      await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      for (const failure of await Promise.all(failures)) {
        expect(failure).toBeInstanceOf(TokenStoreError);
      }
      expect(connection.isOpen()).toBe(true);
      await connected(store);
    });

    it('errors when its connection is silent', async () => {
      const redis = new RedisServer({ client: connection.client });
      const feed = changeFeed(redis, new RedisKeys('oauth:'), new Subject(), 50);
      const failure = new Promise((resolve) => feed.subscribe({ error: resolve }));
      await vi.waitFor(async () => expect(await listeners(server)).toBe(1));
      server.signal('SIGSTOP');
      try {
        expect(await failure).toMatchObject({
          cause: { message: expect.stringMatching('no answer to PING') },
        });
      } finally {
        server.signal('SIGCONT');
      }
    });

    it('stays while its connection answers', async () => {
      const redis = new RedisServer({ client: connection.client });
      const feed = changeFeed(redis, new RedisKeys('oauth:'), new Subject(), 300);
      let failure: unknown;
      const subscription = feed.subscribe({ error: (error) => (failure = error) });
      const pings = async () => {
        const stats = await server.command('INFO', 'commandstats');
        return Number(/cmdstat_ping:calls=(\d+)/.exec(stats)?.[1] ?? 0);
      };
      const before = await pings();
      await vi.waitFor(async () => expect(await pings()).toBeGreaterThan(before + 2), {
        timeout: 10_000,
      });
      expect(failure).toBeUndefined();
      subscription.unsubscribe();
    });

    it('completes when the store is closed, which closes no more than that', async () => {
      const store = newStore();
      await connected(store);
      const completed = new Promise<void>((resolve) =>
        store.changes$.subscribe({ complete: resolve }),
      );
      await store.close();
      await store.close();
      await completed;
      await vi.waitFor(async () => expect(await listeners(server)).toBe(0));
      expect(connection.isOpen()).toBe(true);
    });
  });
});

describe.skipIf(withoutRedis)(`changes$ of a cluster${redisRemark}`, () => {
  let cluster: RealRedisCluster;
  beforeAll(async () => void (cluster = await RealRedisCluster.start()));
  afterAll(() => cluster.stop());

  it.each(Object.entries(CLUSTER_DRIVERS))(
    'with %s tells of changes on every node, errors when cut, and connects again',
    async (_name, connect) => {
      const { client, close } = await connect(cluster);
      const store = new RedisTokenStore({ client });
      onTestFinished(async () => {
        await store.close();
        await close();
      });
      const failure = lost(store);
      const heard: TokenKey[] = [];
      const watching = store.changes$.subscribe((key) => heard.push(key));
      await connected(store);
      const keys = Array.from({ length: 20 }, () => newKey());
      for (const key of keys) await store.set(key, newRecord());
      await vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining(keys)));
      watching.unsubscribe();
      for (const node of cluster.nodes) await node.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(await failure).toBeInstanceOf(TokenStoreError);
      await connected(store);
    },
  );
});
