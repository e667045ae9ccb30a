import KeyvRedis, { createKeyv } from '@keyv/redis';
import { Keyv } from 'keyv';
import { TokenStoreError } from 'nestjs-oauth-client';
import { KeyvTokenStore } from 'nestjs-oauth-client/keyv';
import { describeTokenStore } from 'nestjs-oauth-client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, collect, record } from '../store/encrypted.fixtures.js';
import { failure } from '../support/failure.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';

describe.skipIf(withoutRedis)(`a KeyvTokenStore on a real Redis${redisRemark}`, () => {
  let redis: RealRedis;
  beforeAll(async () => void (redis = await RealRedis.start()));
  afterAll(() => redis.stop());

  const made = (keyv: Keyv) => {
    keyv.on('error', () => undefined);
    const store = new KeyvTokenStore(keyv);
    const close = async () => {
      await store.close();
      await keyv.disconnect();
    };
    return { store, close };
  };
  const WAYS: Record<string, () => Keyv> = {
    'new Keyv(new KeyvRedis(url))': () => new Keyv(new KeyvRedis(redis.url)),
    'createKeyv(url)': () => createKeyv(redis.url),
    'createKeyv(url, { namespace })': () => createKeyv(redis.url, { namespace: 'space' }),
  };
  for (const [way, make] of Object.entries(WAYS)) {
    describeTokenStore(`KeyvTokenStore by ${way}`, () => made(make()), {
      describe,
      it,
      without: ['leases', 'changes'],
    });
  }

  it('lets Redis expire a record that is of no use any more', async () => {
    const { store, close } = made(createKeyv(redis.url, { namespace: 'expiry' }));
    const { refreshToken: _dropped, ...machine } = record();
    await store.set(ALICE, machine);
    const [key] = (await redis.command('KEYS', 'expiry*')).split('\n');
    const seconds = Number(await redis.command('TTL', key!));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    await store.set(ALICE, record());
    expect(await redis.command('TTL', key!)).toBe('-1');
    await close();
  });

  it('makes an error of a Redis that is down, and never of a grant nothing', async () => {
    const own = await RealRedis.start();
    const client = { url: own.url, disableOfflineQueue: true };
    const { store, close } = made(new Keyv(new KeyvRedis(client)));
    try {
      await store.set(ALICE, record());
      expect(await store.get(ALICE)).toBeDefined();
      await own.kill();
      for (const work of [
        () => store.get(ALICE),
        () => store.set(ALICE, record()),
        () => store.delete(ALICE),
        () => collect(store.keys!({})),
      ]) {
        await failure(work, TokenStoreError);
      }
    } finally {
      await close();
      await own.stop();
    }
  });

  it('makes an error of a Redis that was never there', async () => {
    const gone = await RealRedis.start();
    await gone.stop();
    const client = { url: gone.url, socket: { reconnectStrategy: false as const } };
    const { store, close } = made(new Keyv(new KeyvRedis(client)));
    await failure(store.get(ALICE), TokenStoreError);
    await close();
  });
});
