import fc from 'fast-check';
import { Redis } from 'ioredis';
import { ConfigurationError, type TokenKey, type TokenStore } from 'nestjs-oauth-client';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nameOf, parseName, RedisKeys } from '../../lib/redis/redis.keys.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { connected, heardOf } from './feed.js';
import { newRecord } from './records.js';

/** Texts made of what could break a name, half surrogate pairs among it. */
const text = fc.string({
  unit: fc.constantFrom(
    ...'{}:/%*?[]\\ab\n\r\0 üé漢🙂'.split(''),
    '%7B',
    '%uD83D',
    '\uD83D',
    '\uDE42',
  ),
  maxLength: 8,
});
const key: fc.Arbitrary<TokenKey> = fc.record(
  { client: text, subject: text, variant: text },
  { requiredKeys: ['client', 'subject'] },
);

async function listed(
  store: TokenStore,
  query: Parameters<NonNullable<TokenStore['keys']>>[0],
): Promise<TokenKey[]> {
  const keys: TokenKey[] = [];
  for await (const found of store.keys!(query)) keys.push(found);
  return keys;
}

describe('the names of keys', () => {
  it('can be read back, whatever the parts hold', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(parseName(nameOf(one))).toEqual(one);
      }),
    );
  });

  it('are different for different keys, leases and variants', () => {
    const keys = new RedisKeys('oauth:');
    const names = (one: TokenKey) => [keys.record(one), keys.lease(one)];
    fc.assert(
      fc.property(key, key, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const all = [...names(one), ...names(other), keys.variants(one), keys.request('x')];
        expect(new Set(all).size).toBe(6);
      }),
    );
  });

  it('have one hash tag for one client and subject: the text between the first braces', () => {
    const keys = new RedisKeys('oauth:');
    const tag = (name: string) => /\{(.*?)\}/s.exec(name)?.[1];
    fc.assert(
      fc.property(key, (one) => {
        const grant = { client: one.client, subject: one.subject };
        const tags = [keys.record(one), keys.lease(one), keys.variants(one), keys.record(grant)];
        expect(new Set(tags.map(tag)).size).toBe(1);
        expect(tag(tags[0]!)).not.toBe('');
      }),
    );
  });

  it.each(['', '{', '{a}', '{a:b', '{a:b}x', '{a:b}/lease', '{a:b}/variants', '{%:b}', '{%61:b}'])(
    'are not read into %o',
    (name) => expect(parseName(name)).toBeUndefined(),
  );

  it.each(['{', '}', 'app{1}:', '{}'])('do not begin with %o', (prefix) => {
    expect(() => new RedisTokenStore({ url: 'redis://127.0.0.1', prefix })).toThrow(
      ConfigurationError,
    );
  });
});

describe.skipIf(withoutRedis)(`keys in a Redis${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  /** A store on a connection of its own. */
  function newStore(prefix: string, keyPrefix = ''): RedisTokenStore {
    const client = new Redis(server.port, { keyPrefix });
    const store = new RedisTokenStore({ client, prefix });
    onTestFinished(async () => {
      await store.close();
      await client.quit();
    });
    return store;
  }

  it.each(['*', '?', '[a-z]', '\\', 'a*:', ''])(
    'are found under the prefix %o alone',
    async (prefix) => {
      await server.command('FLUSHALL');
      const [store, other] = [newStore(prefix), newStore('abc:')];
      const mine = { client: 'c*', subject: 's?' };
      await store.set(mine, newRecord());
      await other.set({ client: 'cc', subject: 'ss' }, newRecord());
      for (const query of [{}, { client: 'c*' }, { subject: 's?' }, mine]) {
        expect(await listed(store, query)).toEqual([mine]);
      }
      expect(await listed(store, { client: 'c' })).toEqual([]);
    },
  );

  it('lie under the keyPrefix of ioredis, too, where another one does not see them', async () => {
    await server.command('FLUSHALL');
    const [one, other] = [newStore('oauth:', 'one:'), newStore('oauth:', 'other:')];
    const keys = [
      { client: 'c', subject: 's' },
      { client: 'c', subject: 's', variant: 'v' },
    ];
    for (const key of keys) await one.set(key, newRecord());
    expect(await listed(one, { client: 'c' })).toHaveLength(2);
    expect(await listed(one, keys[0]!)).toEqual(keys);
    expect(await listed(other, { client: 'c' })).toEqual([]);
    const heard = [heardOf(one), heardOf(other)];
    await Promise.all([connected(one), connected(other)]);
    await one.set(keys[0]!, newRecord());
    await connected(other);
    expect(heard).toEqual([[keys[0]], []]);
    expect(await listed(newStore('one:oauth:'), { client: 'c' })).toHaveLength(2);
    expect((await server.command('KEYS', '*')).split('\n').sort()).toEqual([
      'one:oauth:{c:s}',
      'one:oauth:{c:s}/variants',
      'one:oauth:{c:s}:v',
    ]);
  });

  it('are listed once each among 3,000, and none that is somebody else’s', async () => {
    await server.command('FLUSHALL');
    const store = newStore('oauth:');
    await server.command('SET', 'oauth:{', 'x');
    await server.command('SET', 'oauth:{c:not%20ours*}', 'x');
    const keys = Array.from({ length: 3_000 }, (_, count) => ({
      client: 'c',
      subject: `${count}`,
    }));
    await Promise.all(keys.map((key) => store.set(key, newRecord())));
    const found = (await listed(store, { client: 'c' })).map(({ subject }) => subject);
    expect(found.sort()).toEqual(keys.map(({ subject }) => subject).sort());
  });

  it('of half surrogate pairs are kept apart, which UTF-8 cannot', async () => {
    const store = newStore('oauth:');
    const subjects = ['\uD83D', '\uDE42', '\uFFFD', '%uD83D'];
    const records = subjects.map(() => newRecord());
    for (const [index, subject] of subjects.entries()) {
      await store.set({ client: 'halves', subject }, records[index]!);
    }
    for (const [index, subject] of subjects.entries()) {
      const found = await store.get({ client: 'halves', subject });
      expect(found?.version).toBe(records[index]!.version);
    }
    expect(await listed(store, { client: 'halves' })).toHaveLength(4);
  });
});
