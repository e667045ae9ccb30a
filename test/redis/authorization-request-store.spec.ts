import { inspect } from 'node:util';
import type { AuthorizationRequestRecord } from 'nestjs-oauth-client';
import { RedisAuthorizationRequestStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RealRedis, RealRedisCluster, redisRemark, withoutRedis } from '../support/redis-server.js';
import { CLUSTER_DRIVERS, DRIVERS, type Connection } from './connections.js';
import { newKey } from './records.js';

function request(changes: Partial<AuthorizationRequestRecord> = {}): AuthorizationRequestRecord {
  return {
    client: 'client',
    subject: 'alice',
    codeVerifier: 'a-secret-verifier',
    scope: ['read'],
    createdAt: 1_700_000_000_000,
    ...changes,
  };
}

const SHORT_MS = 50;
const newState = () => newKey().client;

describe.skipIf(withoutRedis)(`RedisAuthorizationRequestStore${redisRemark}`, () => {
  let server: RealRedis;
  let cluster: RealRedisCluster;
  beforeAll(async () => {
    server = await RealRedis.start();
    cluster = await RealRedisCluster.start();
  });
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  describe.each([
    ['ioredis', () => DRIVERS.ioredis(server)],
    ['node-redis', () => DRIVERS['node-redis'](server)],
    ['a Cluster of ioredis', () => CLUSTER_DRIVERS.ioredis(cluster)],
    ['a cluster of node-redis', () => CLUSTER_DRIVERS['node-redis'](cluster)],
  ])('with %s', (_name, connect) => {
    let connection: Connection;
    let store: RedisAuthorizationRequestStore;
    beforeAll(async () => {
      connection = await connect();
      store = new RedisAuthorizationRequestStore({ client: connection.client });
    });
    afterAll(() => connection.close());

    it('gives a request back as it was saved, once', async () => {
      const state = newState();
      expect(await store.save(state, request(), 60_000)).toBe(true);
      expect(await store.take(state)).toEqual(request());
      expect(await store.take(state)).toBeUndefined();
    });

    it('gives a request to one of many who take it at once', async () => {
      const state = newState();
      await store.save(state, request(), 60_000);
      const taken = await Promise.all(Array.from({ length: 50 }, () => store.take(state)));
      expect(taken.filter((one) => one !== undefined)).toEqual([request()]);
    });

    it('refuses a state that is pending, and keeps the first request', async () => {
      const state = newState();
      await store.save(state, request(), 60_000);
      expect(await store.save(state, request(), 60_000)).toBe(false);
      expect(await store.save(state, request({ subject: 'mallory' }), 60_000)).toBe(false);
      expect((await store.take(state))?.subject).toBe('alice');
    });

    it('refuses a state that was taken, for as long as it could be replayed', async () => {
      const state = newState();
      await store.save(state, request(), 500);
      await store.take(state);
      expect(await store.save(state, request(), 60_000)).toBe(false);
      await vi.waitFor(async () => expect(await store.save(state, request(), 500)).toBe(true), {
        timeout: 5_000,
        interval: 10,
      });
    });

    it('forgets a request once its time is over', async () => {
      const state = newState();
      await store.save(state, request(), SHORT_MS);
      await vi.waitFor(
        async () => expect(await store.save(state, request({ subject: 'b' }), 60_000)).toBe(true),
        { timeout: 5_000, interval: 5 },
      );
      expect((await store.take(state))?.subject).toBe('b');
    });

    it('keeps hostile states apart', async () => {
      const states = ['', '{', '}', ':', '/', '*', 'a\nb', 'a\r\nb', '%', '\uD83D', '\uDE42'];
      for (const state of states) await store.take(state);
      const id = newState();
      const mine = states.map((state) => `${id}${state}`);
      for (const state of mine) await store.save(state, request({ subject: state }), 60_000);
      for (const state of mine) {
        expect(await store.take(state)).toEqual(request({ subject: state }));
      }
    });

    it('leaves the connection open when it is closed', async () => {
      await new RedisAuthorizationRequestStore({ client: connection.client }).close();
      expect(await store.save(newState(), request(), 1_000)).toBe(true);
    });
  });

  it('sends one command to save and one to take, and leaves nothing without an end', async () => {
    const store = new RedisAuthorizationRequestStore({ url: server.url, prefix: 'p:' });
    const sent = await server.sent(async () => {
      await store.save('state', request(), 60_000);
      await store.take('state');
    });
    await store.close();
    expect(sent).toHaveLength(2);
    expect(Number(await server.command('PTTL', 'p:request:state'))).toBeGreaterThan(50_000);
    expect(await server.command('GET', 'p:request:state')).toBe('');
  });

  it('shows no request and no password when it is printed', async () => {
    const store = new RedisAuthorizationRequestStore({ url: 'redis://:pass@127.0.0.1' });
    expect(inspect(store, { depth: 10, showHidden: true })).toBe(
      'RedisAuthorizationRequestStore { prefix: "oauth:" }',
    );
    expect(JSON.stringify(store)).toBe('{"prefix":"oauth:"}');
  });
});
