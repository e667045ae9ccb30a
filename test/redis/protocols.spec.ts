import { Redis } from 'ioredis';
import { RedisTokenStore, type RedisConnection } from 'nestjs-oauth-client/redis';
import { createClient, RESP_TYPES } from 'redis';
import { Subject } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { changeFeed } from '../../lib/redis/redis.change-feed.js';
import { RedisKeys } from '../../lib/redis/redis.keys.js';
import { RedisServer } from '../../lib/redis/redis.server.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { newKey, newRecord } from './records.js';

describe.skipIf(withoutRedis)(`a connection that is told to answer otherwise${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  const ways: Record<string, () => Promise<[RedisConnection, () => Promise<unknown>]>> = {
    'ioredis, with texts for numbers': async () => {
      const client = new Redis(server.port, { stringNumbers: true });
      return [client, () => client.quit()];
    },
    'ioredis, as RESP3': async () => {
      const client = new Redis({ port: server.port, replyMapping: 'resp3' });
      return [client, () => client.quit()];
    },
    'ioredis, with automatic pipelines': async () => {
      const client = new Redis(server.port, { enableAutoPipelining: true });
      return [client, () => client.quit()];
    },
    'node-redis, as RESP2': async () => {
      const client = createClient({ url: server.url, RESP: 2 });
      await client.connect();
      return [client, () => client.close()];
    },
    'node-redis, with buffers for texts': async () => {
      const client = createClient({
        url: server.url,
        commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
      });
      await client.connect();
      return [client, () => client.close()];
    },
  };

  it.each(Object.entries(ways))('works by %s', async (_name, connect) => {
    const [client, close] = await connect();
    onTestFinished(async () => void (await close()));
    const store = new RedisTokenStore({ client });
    const key = { ...newKey(), variant: 'v' };
    const [first, next] = [newRecord(), newRecord()];
    await store.set(key, first);
    const lease = await store.acquireLease(key, 60_000);
    expect([lease!.record, lease!.abandoned]).toEqual([first, false]);
    expect(await store.acquireLease(key, 60_000)).toBeUndefined();
    expect(await lease!.renew(60_000)).toBe(true);
    expect(await lease!.commit(next)).toBe(true);
    expect(await store.get(key)).toEqual(next);
    for (const query of [{ client: key.client }, { client: key.client, subject: key.subject }]) {
      const found = [];
      for await (const one of store.keys(query)) found.push(one);
      expect(found).toEqual([key]);
    }

    const feed = changeFeed(
      new RedisServer({ client }),
      new RedisKeys('oauth:'),
      new Subject(),
      200,
    );
    const heard: unknown[] = [];
    let failure: unknown;
    const subscription = feed.subscribe({
      next: (one) => heard.push(one),
      error: (error) => (failure = error),
    });
    const pings = async () => {
      const stats = await server.command('INFO', 'commandstats');
      return Number(/cmdstat_ping:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const before = await pings();
    await vi.waitFor(async () => expect(await pings()).toBeGreaterThan(before + 1), 10_000);
    expect(await store.delete(key)).toBe(true);
    await vi.waitFor(() => expect(heard).toEqual([key]));
    expect(failure).toBeUndefined();
    subscription.unsubscribe();
  });
});
