import { Redis } from 'ioredis';
import type { TokenRecord } from 'nestjs-oauth-client';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { newRecord } from './records.js';

const KEY = { client: 'c', subject: 's' };
const NAME = 'oauth:{c:s}';
const GRACE = 300;
const FOREVER = -1;
const GONE = -2;

/** Seconds from now, as a token response counts them. */
const soon = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe.skipIf(withoutRedis)(`what Redis keeps, and for how long${redisRemark}`, () => {
  let server: RealRedis;
  let client: Redis;
  let store: RedisTokenStore;
  beforeAll(async () => {
    server = await RealRedis.start();
    client = new Redis(server.port);
  });
  beforeEach(async () => {
    await client.flushall();
    store = new RedisTokenStore({ client });
  });
  afterAll(async () => {
    await client.quit();
    await server.stop();
  });

  /** Seconds that a record is kept. */
  async function kept(record: Partial<TokenRecord>, of = store): Promise<number> {
    await of.set(KEY, newRecord(record));
    return client.ttl(NAME);
  }

  function about(seconds: number): unknown {
    return expect.toSatisfy((left: number) => left > seconds - 5 && left <= seconds + 1);
  }

  it('with a refresh token that a variant brought: from when that one came', async () => {
    const record = {
      obtainedAt: soon(-1_700),
      expiresAt: soon(-1_400),
      refreshObtainedAt: soon(0),
      raw: { refresh_expires_in: 1_800 },
    };
    expect(await kept({ ...record, refreshToken: 'rt' })).toEqual(about(1_800 + GRACE));
  });

  it('without a refresh token: until the access token ends, and 5 minutes', async () => {
    const expiresAt = soon(600);
    expect(await kept({ expiresAt, refreshToken: undefined })).toEqual(about(600 + GRACE));
    expect(await kept({ expiresAt: 1_000, refreshToken: undefined })).toEqual(about(GRACE));
    expect(await kept({ refreshToken: undefined })).toBe(FOREVER);
  });

  it('with a refresh token of unknown life: for ever', async () => {
    expect(await kept({ expiresAt: soon(600) })).toBe(FOREVER);
  });

  it.each(['refresh_expires_in', 'refresh_token_expires_in'])(
    'with a refresh token: as the server says by %s',
    async (name) => {
      const expiresAt = soon(600);
      for (const life of [7200, '7200']) {
        expect(await kept({ expiresAt, raw: { [name]: life } })).toEqual(about(7200 + GRACE));
      }
      expect(await kept({ expiresAt, raw: { [name]: 60 } })).toEqual(about(600 + GRACE));
      for (const unknown of [0, -1, '0', '', 'soon', null, true, 1e300]) {
        expect(await kept({ expiresAt, raw: { [name]: unknown } })).toBe(FOREVER);
      }
    },
  );

  it('with refreshExpiresInSeconds: where the server does not say', async () => {
    const strict = new RedisTokenStore({ client, refreshExpiresInSeconds: 1000 });
    const expiresAt = soon(600);
    expect(await kept({ expiresAt }, strict)).toEqual(about(1000 + GRACE));
    const stated = { expiresAt, raw: { refresh_expires_in: 7200 } };
    expect(await kept(stated, strict)).toEqual(about(7200 + GRACE));
    expect(await kept({ expiresAt, raw: { refresh_expires_in: 0 } }, strict)).toBe(FOREVER);
    expect(await kept({}, strict)).toBe(FOREVER);
  });

  it('by the new record when one is committed over an old one', async () => {
    const expiresAt = soon(600);
    await kept({ expiresAt, refreshToken: undefined });
    const lease = await store.acquireLease(KEY, 5_000);
    await lease!.commit(newRecord());
    expect(await client.ttl(NAME)).toBe(FOREVER);
  });

  it('a lease on no record: its own time and a minute, renewed or not', async () => {
    const lease = await store.acquireLease(KEY, 30_000);
    expect(await client.ttl(`${NAME}/lease`)).toEqual(about(90));
    await lease!.renew(60_000);
    expect(await client.ttl(`${NAME}/lease`)).toEqual(about(120));
    await lease!.release();
    expect(await client.keys('*')).toEqual([]);
  });

  it('a lease on a record: as long as the record, whose refresh token may be spent', async () => {
    const expiresAt = soon(600);
    await kept({ expiresAt });
    await store.acquireLease(KEY, 5_000);
    expect(await client.ttl(`${NAME}/lease`)).toBe(FOREVER);
    await kept({ expiresAt, refreshToken: undefined });
    expect(await client.ttl(`${NAME}/lease`)).toBe(GONE);
    await store.acquireLease(KEY, 5_000);
    expect(await client.ttl(`${NAME}/lease`)).toEqual(about(600 + GRACE + 60));
  });

  it('the index of variants: as long as the longest of them', async () => {
    const index = `${NAME}/variants`;
    const ending = (seconds: number) =>
      newRecord({ refreshToken: undefined, expiresAt: soon(seconds) });
    await store.set({ ...KEY, variant: 'a' }, ending(600));
    expect(await client.ttl(index)).toEqual(about(600 + GRACE));
    await store.set({ ...KEY, variant: 'b' }, ending(1200));
    await store.set({ ...KEY, variant: 'c' }, ending(60));
    expect(await client.ttl(index)).toEqual(about(1200 + GRACE));
    await store.set({ ...KEY, variant: 'd' }, newRecord());
    expect(await client.ttl(index)).toBe(FOREVER);
  });

  it('forgets a variant that has expired, and lists it no more', async () => {
    for (const variant of ['a', 'b']) await store.set({ ...KEY, variant }, newRecord());
    await client.pexpire(`${NAME}:a`, 0);
    const found = [];
    for await (const key of store.keys(KEY)) found.push(key);
    expect(found).toEqual([{ ...KEY, variant: 'b' }]);
    expect(await client.smembers(`${NAME}/variants`)).toEqual(['"b"']);
  });

  it('nothing once all is deleted', async () => {
    const keys = [KEY, { ...KEY, variant: 'a' }, { ...KEY, variant: '' }];
    for (const key of keys) await store.set(key, newRecord());
    for (const key of keys) await store.acquireLease(key, 5_000);
    await store.delete(keys[0]!);
    await store.delete(keys[1]!);
    await (await new RedisTokenStore({ client }).acquireLease(KEY, 5_000))!.commit(undefined);
    await store.delete(keys[2]!);
    expect(await client.keys('*')).toEqual([]);
  });

  it('commits over a record that has expired under the lease', async () => {
    await kept({ refreshToken: undefined, expiresAt: soon(1) });
    const lease = await store.acquireLease(KEY, 5_000);
    await client.pexpire(NAME, 0);
    expect(await store.get(KEY)).toBeUndefined();
    expect(await lease!.commit(newRecord())).toBe(true);
  });

  it('remembers no more than 100 leases that were never given back', async () => {
    const lapsed = Array.from({ length: 110 }, (_, count) => [count, `lease ${count}`]).flat();
    await client.zadd(`${NAME}/lease`, ...lapsed);
    expect((await store.acquireLease(KEY, 5_000))!.abandoned).toBe(true);
    expect(await client.zcard(`${NAME}/lease`)).toBe(100);
  });
});
