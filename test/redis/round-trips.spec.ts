import type { AxiosAdapter } from 'axios';
import { RedisTokenStore, type RedisTokenStoreOptions } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RealRedis, RealRedisCluster, redisRemark, withoutRedis } from '../support/redis-server.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';
import { CLUSTER_DRIVERS, DRIVERS, type Connection } from './connections.js';
import { newKey, newRecord } from './records.js';

/** The commands of a list, without what they say. */
const names = (commands: string[]) => commands.map((command) => command.split(' ')[0]);

describe.skipIf(withoutRedis)(`round trips, as the server counts them${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  it('none for 10,000 calls with a valid token', async () => {
    const store = new RedisTokenStore({ url: server.url });
    const bench = await RenewalBench.start({}, store);
    // What answers does not matter here; what is asked of Redis does.
    let answered = 0;
    const adapter: AxiosAdapter = async (config) => {
      answered += 1;
      return { status: 200, statusText: '', headers: {}, data: {}, config };
    };
    const session = await bench.user({ http: { adapter } });
    await call(session);
    const sent = await server.sent(async () => {
      for (let round = 0; round < 100; round += 1) await calls(session, 100);
    });
    expect(answered).toBe(10_001);
    expect(sent).toEqual([]);
  });

  describe.each(Object.entries(DRIVERS))('with %s', (_name, connect) => {
    let connection: Connection;
    beforeAll(async () => void (connection = await connect(server)));
    afterAll(() => connection.close());

    async function newStore(
      options: Partial<RedisTokenStoreOptions> = {},
    ): Promise<RedisTokenStore> {
      const store = new RedisTokenStore({ ...options, client: connection.client, url: undefined });
      // The question about the eviction policy is asked with the first command.
      await server.sent(() => store.get(newKey()));
      return store;
    }

    it('one each for get, set, delete, lease, renew, commit and release, the first time too', async () => {
      const store = await newStore();
      const key = newKey();
      const sent = await server.sent(async () => {
        await store.set(key, newRecord());
        await store.get(key);
        const lease = await store.acquireLease(key, 5_000);
        await lease!.renew(5_000);
        await lease!.commit(newRecord());
        await (await store.acquireLease(key, 5_000))!.release();
        await store.delete(key);
      });
      expect(names(sent)).toEqual(Array(8).fill(expect.stringMatching(/^"EVAL(SHA)?"$/)));
    });

    it('one more when the server has forgotten its scripts', async () => {
      const store = await newStore();
      await server.command('SCRIPT', 'FLUSH');
      const sent = await server.sent(() => store.get(newKey()));
      expect(names(sent)).toEqual(['"EVALSHA"', '"EVAL"']);
      expect(names(await server.sent(() => store.get(newKey())))).toEqual(['"EVALSHA"']);
    });

    it('one more per write where replicas are waited for', async () => {
      const store = await newStore({ waitReplicas: { count: 1, timeoutMs: 1 } });
      const key = newKey();
      const sent = await server.sent(async () => {
        await store.set(key, newRecord());
        await (await store.acquireLease(key, 5_000))!.commit(newRecord());
      });
      expect(names(sent)).toEqual(['"EVAL"', '"WAIT"', '"EVAL"', '"EVAL"', '"WAIT"']);
    });

    it('two for the keys of a client and a subject, however many others there are', async () => {
      const store = await newStore();
      const key = newKey();
      for (const variant of ['a', 'b']) await store.set({ ...key, variant }, newRecord());
      const sent = await server.sent(async () => {
        for await (const found of store.keys(key)) expect(found.client).toBe(key.client);
      });
      expect(names(sent)).toEqual(['"EVAL"', '"EVAL"']);
    });

    it('two for a renewal: the lease with the record, and the commit', async () => {
      const store = await newStore();
      const key = newKey();
      await store.set(key, newRecord());
      const sent = await server.sent(async () => {
        const lease = await store.acquireLease(key, 5_000);
        expect(lease!.record).toBeDefined();
        expect(await lease!.commit(newRecord())).toBe(true);
      });
      expect(sent).toHaveLength(2);
    });

    // TokenSource reads the store before it asks for the lease, which reads it again.
    it('two for a renewal by 50 calls', async () => {
      const bench = await RenewalBench.start({}, await newStore());
      const session = await bench.user();
      await call(session);
      bench.expire();
      const sent = await server.sent(() => calls(session, 50));
      expect(bench.tokenRequests).toBe(1);
      expect(names(sent)).toEqual(['"EVAL"', '"EVAL"']);
    });
  });
});

describe.skipIf(withoutRedis)(`commands in a cluster${redisRemark}`, () => {
  let cluster: RealRedisCluster;
  beforeAll(async () => void (cluster = await RealRedisCluster.start()));
  afterAll(() => cluster.stop());

  it.each(Object.entries(CLUSTER_DRIVERS))(
    'of %s go straight to the node of their slot, and so does WAIT',
    async (_name, connect) => {
      const { client, close } = await connect(cluster);
      onTestFinished(async () => void (await close()));
      const store = new RedisTokenStore({ client, waitReplicas: { count: 1, timeoutMs: 1 } });
      const redirected = async () => {
        const stats = cluster.nodes.map((node) => node.command('INFO', 'errorstats'));
        return (await Promise.all(stats)).join().match(/errorstat_MOVED:count=\d+/g);
      };
      await store.get(newKey());
      const before = await redirected();
      for (let count = 0; count < 30; count += 1) {
        const key = { ...newKey(), variant: 'v' };
        const lease = await store.acquireLease(key, 5_000);
        expect(await lease!.commit(newRecord())).toBe(true);
      }
      expect(await redirected()).toEqual(before);
      const waits = await Promise.all(
        cluster.nodes.map(async (node) => {
          const stats = await node.command('INFO', 'commandstats');
          const count = (name: string) =>
            Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
          return count('wait') > 0 && count('wait') <= count('publish');
        }),
      );
      expect(waits).toEqual([true, true, true]);
    },
  );
});
