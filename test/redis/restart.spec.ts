import { TokenStoreError } from 'nestjs-oauth-client';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { DRIVERS } from './connections.js';
import { connected, heardOf, lost } from './feed.js';
import { newKey, newRecord } from './records.js';

describe.skipIf(withoutRedis)(`a Redis that ends and comes back empty${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  const ways = {
    ...DRIVERS,
    'a url': async () => ({ close: async () => undefined, client: undefined }),
  };

  it.each(Object.entries(ways))('with %s', async (_name, connect) => {
    const { client, close } = await connect(server);
    const store = new RedisTokenStore(client ? { client } : { url: server.url });
    onTestFinished(async () => {
      await store.close();
      await close();
    });
    const key = newKey();
    await store.set(key, newRecord());
    const lease = await store.acquireLease(key, 60_000);
    await connected(store);
    const ended = lost(store);

    await server.kill();
    expect(await ended).toBeInstanceOf(TokenStoreError);
    // While it is down a feed ends as it begins. What a driver of the application's own makes of
    // commands meanwhile is the application's choice.
    expect(await lost(store)).toBeInstanceOf(TokenStoreError);

    await server.again();
    await vi.waitFor(() => store.get(key), { timeout: 10_000, interval: 20 });
    expect(await store.get(key)).toBeUndefined();
    expect(await lease!.commit(newRecord())).toBe(false);
    expect(await lease!.renew(1_000)).toBe(false);
    await lease!.release();
    await store.set(key, newRecord());
    expect(await (await store.acquireLease(key, 1_000))!.commit(newRecord())).toBe(true);
    const heard = heardOf(store);
    await connected(store);
    await store.delete(key);
    await vi.waitFor(() => expect(heard).toEqual([key]));
  });
});
