import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { SafeCause, TokenStoreError } from 'nestjs-oauth-client';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { redisError } from '../../lib/redis/redis.errors.js';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';
import { RealRedis, RealRedisCluster, redisRemark, withoutRedis } from '../support/redis-server.js';
import { DRIVERS } from './connections.js';
import { newKey, newRecord } from './records.js';

const secrets = {
  'access token': 'access-token-secret',
  'refresh token': 'refresh-token-secret',
  password: 'redis-password',
};
const record = newRecord({
  accessToken: secrets['access token'],
  refreshToken: secrets['refresh token'],
});

describe('an error of a driver', () => {
  it('loses its command, the arguments that it quotes, and the address’s password', () => {
    const cause = Object.assign(
      new Error(
        "ERR unknown command 'EVAL', with args beginning with: 'access-token-secret' 'refresh-token-secret'",
      ),
      { command: { name: 'eval', args: ['access-token-secret'] }, code: 'ERR' },
    );
    const error = redisError(cause, { client: 'c' });
    expect(leaks(error, secrets)).toEqual([]);
    expect(error.cause).toMatchObject({ message: "ERR unknown command 'EVAL'", code: 'ERR' });
    const address = redisError(new Error('URL rediss://user:redis-password@host:1 passed'));
    expect(leaks(address, secrets)).toEqual([]);
    expect((address.cause as SafeCause).message).toBe('URL rediss://host:1 passed');
  });
});

describe.skipIf(withoutRedis)(`errors and prints of a RedisTokenStore${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  describe.each(Object.entries(DRIVERS))('with %s', (_name, connect) => {
    it('hold no secret when a write is refused, and name the client; nothing is written', async () => {
      const { client, close } = await connect(server);
      onTestFinished(async () => void (await close()));
      const store = new RedisTokenStore({ client });
      const key = newKey();
      const lease = await store.acquireLease(key, 60_000);
      await server.command('ACL', 'SETUSER', 'default', 'resetchannels');
      try {
        for (const attempt of [() => store.set(key, record), () => lease!.commit(record)]) {
          const error = await failure(attempt, TokenStoreError);
          expect(error.client).toBe(key.client);
          expect((error.cause as SafeCause).message).toMatch(/channel/);
          expect(leaks(error, secrets)).toEqual([]);
        }
        expect(await store.get(key)).toBeUndefined();
      } finally {
        await server.command('ACL', 'SETUSER', 'default', 'allchannels');
      }
      expect(await lease!.commit(record)).toBe(true);
    });

    it('come with the lease when memory is out, not with the commit of a rotated token', async () => {
      const { client, close } = await connect(server);
      onTestFinished(async () => void (await close()));
      const store = new RedisTokenStore({ client });
      const key = newKey();
      const lease = await store.acquireLease(key, 60_000);
      await server.command('CONFIG', 'SET', 'maxmemory', '1');
      try {
        expect(await lease!.commit(record)).toBe(true);
        const error = await failure(store.acquireLease(key, 60_000), TokenStoreError);
        expect((error.cause as SafeCause).message).toMatch(/OOM/);
      } finally {
        await server.command('CONFIG', 'SET', 'maxmemory', '0');
      }
    });

    it('hold no secret when scripts are forbidden', async () => {
      const { client, close } = await connect(server);
      onTestFinished(async () => void (await close()));
      await server.command('ACL', 'SETUSER', 'default', '-eval', '-evalsha');
      try {
        const store = new RedisTokenStore({ client });
        const error = await failure(store.set(newKey(), record), TokenStoreError);
        expect((error.cause as SafeCause).message).toMatch(/no permissions.*eval/);
        expect(leaks(error, secrets)).toEqual([]);
      } finally {
        await server.command('ACL', 'SETUSER', 'default', '+@all');
      }
    });

    it('name the client where a value is no record', async () => {
      const { client, close } = await connect(server);
      onTestFinished(async () => void (await close()));
      const store = new RedisTokenStore({ client });
      await server.command('SET', 'oauth:{broken:}', '{access-token-secret');
      const key = { client: 'broken', subject: '' };
      for (const attempt of [() => store.get(key), () => store.acquireLease(key, 60_000)]) {
        const error = await failure(attempt, TokenStoreError);
        expect(error.message).toContain('OAuth client "broken"');
        expect(leaks(error, secrets)).toEqual([]);
      }
      expect(await server.command('EXISTS', 'oauth:{broken:}/lease')).toBe('0');
    });
  });

  it('hold no password when the server cannot be reached', async () => {
    const store = new RedisTokenStore({ url: `redis://user:${secrets.password}@127.0.0.1:1` });
    onTestFinished(() => store.close());
    const error = await failure(store.set(newKey(), record), TokenStoreError);
    expect(leaks(error, secrets)).toEqual([]);
    expect(leaks(store, secrets)).toEqual([]);
    expect(inspect(store)).toBe('RedisTokenStore { prefix: "oauth:" }');
    expect(JSON.stringify({ store })).toBe('{"store":{"prefix":"oauth:"}}');
  });

  it('say that connect() was not called', async () => {
    const store = new RedisTokenStore({ client: createClient({ url: server.url }) });
    const error = await failure(store.get(newKey()), TokenStoreError);
    expect((error.cause as SafeCause).message).toBe('The client is closed');
    expect(error.message).toContain('connection');
  });

  it('say that the store was closed', async () => {
    const store = new RedisTokenStore({ url: server.url });
    await store.get(newKey());
    await store.close();
    const error = await failure(store.get(newKey()), TokenStoreError);
    expect((error.cause as SafeCause).message).toBe('The store is closed.');
  });

  it('say that a node of a cluster needs a connection to the cluster', async () => {
    const cluster = await RealRedisCluster.start();
    const client = new Redis(cluster.nodes[0]!.port);
    onTestFinished(async () => {
      await client.quit();
      await cluster.stop();
    });
    const store = new RedisTokenStore({ client });
    const keys = Array.from({ length: 20 }, () => newKey());
    const all = await Promise.allSettled(keys.map((key) => store.set(key, record)));
    const refused = all.find((one) => one.status === 'rejected');
    expect(String(refused?.reason)).toContain('createCluster()');
  });
});
