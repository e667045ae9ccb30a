import { inspect } from 'node:util';
import { Keyv } from 'keyv';
import { TokenStoreError, type TokenRecord } from 'nestjs-oauth-client';
import { KeyvTokenStore } from 'nestjs-oauth-client/keyv';
import { describeTokenStore } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { EncryptedTokenStore } from '../../lib/store/encrypted.token-store.js';
import { ALICE, BOB, collect, newKey, record } from '../store/encrypted.fixtures.js';
import { failure } from '../support/failure.js';

const now = () => Math.trunc(Date.now() / 1000);

/** An adapter without an iterator, of which every call can fail in its own way. */
class Adapter {
  readonly opts = {};
  readonly values = new Map<string, unknown>();
  readonly ttls: (number | undefined)[] = [];
  /** What the next calls do instead. */
  fault: (() => unknown) | undefined;
  #listeners: ((error: unknown) => void)[] = [];

  on(_event: string, listener: (error: unknown) => void): this {
    this.#listeners.push(listener);
    return this;
  }
  off(_event: string, listener: (error: unknown) => void): this {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
    return this;
  }
  get listeners(): number {
    return this.#listeners.length;
  }
  /** Tells of an error, and answers as if nothing were there: what adapters of Keyv do. */
  swallow(): undefined {
    for (const listener of this.#listeners) listener(new Error('ECONNREFUSED'));
  }
  async get(key: string): Promise<unknown> {
    return this.fault ? this.fault() : this.values.get(key);
  }
  async set(key: string, value: unknown, ttl?: number): Promise<unknown> {
    if (this.fault) return this.fault();
    this.ttls.push(ttl);
    this.values.set(key, value);
    return undefined;
  }
  async delete(key: string): Promise<unknown> {
    return this.fault ? this.fault() : this.values.delete(key);
  }
  async clear(): Promise<void> {
    this.values.clear();
  }
}

function bench(options?: ConstructorParameters<typeof KeyvTokenStore>[1]) {
  const adapter = new Adapter();
  const keyv = new Keyv({ store: adapter });
  return { adapter, keyv, store: new KeyvTokenStore(keyv, options) };
}

describeTokenStore('KeyvTokenStore in memory', () => new KeyvTokenStore(new Keyv()), {
  describe,
  it,
  without: ['leases', 'changes'],
});
describeTokenStore('KeyvTokenStore without an iterator', () => bench().store, {
  describe,
  it,
  without: ['leases', 'changes', 'keys'],
});
describeTokenStore(
  'EncryptedTokenStore around a KeyvTokenStore',
  () => new EncryptedTokenStore(new KeyvTokenStore(new Keyv()), { keys: [newKey()] }),
  { describe, it, without: ['leases', 'changes'] },
);

describe('a KeyvTokenStore', () => {
  it.each<[string, Partial<TokenRecord> | 'no refresh token', number | undefined, number]>([
    ['without a refresh token until its end', 'no refresh token', undefined, 3_660],
    ['with a refresh token for ever', {}, undefined, 0],
    ['with a refresh token for as long as that lasts', {}, 86_400, 86_460],
    ['with a refresh token no shorter than its access token', {}, 60, 3_660],
    ['with a lifetime that the server states', { raw: { refresh_expires_in: 7_200 } }, 1, 7_260],
    ['of an offline token for ever', { raw: { refresh_expires_in: 0 } }, 86_400, 0],
  ])('keeps a record %s', async (_what, changes, refreshExpiresInSeconds, seconds) => {
    const { adapter, store } = bench(
      refreshExpiresInSeconds === undefined ? {} : { refreshExpiresInSeconds },
    );
    const given = record({ obtainedAt: now(), expiresAt: now() + 3_600 });
    const { refreshToken: _dropped, ...machine } = given;
    await store.set(ALICE, changes === 'no refresh token' ? machine : { ...given, ...changes });
    const [ttl = 0] = adapter.ttls;
    expect(Math.abs(ttl - seconds * 1000)).toBeLessThan(5_000);
  });

  it('keeps a record whose end is not known for ever', async () => {
    const { adapter, store } = bench({ refreshExpiresInSeconds: 60 });
    const { expiresAt: _end, ...given } = record();
    await store.set(ALICE, given);
    expect(adapter.ttls).toEqual([undefined]);
  });

  it('keeps a record that has ended for the grace that it is given', async () => {
    const { adapter, store } = bench({ graceSeconds: 10 });
    const { refreshToken: _dropped, ...given } = record();
    await store.set(ALICE, given);
    expect(adapter.ttls).toEqual([10_000]);
    expect(await store.get(ALICE)).toEqual(given);
  });

  it('does not let a ttl of the Keyv end a grant', async () => {
    const adapter = new Adapter();
    const store = new KeyvTokenStore(new Keyv({ store: adapter, ttl: 1_000 }));
    await store.set(ALICE, record());
    expect(adapter.ttls).toEqual([undefined]);
  });

  it('makes keys that no backend takes one for another', async () => {
    const { adapter, store } = bench({ prefix: 'tokens:' });
    for (const subject of ['Alice', 'alice', 'alice ', 'x'.repeat(1_000), 'a\nb']) {
      await store.set({ ...ALICE, subject }, record());
    }
    const keys = [...adapter.values.keys()];
    expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(5);
    for (const key of keys) expect(key).toMatch(/^keyv:tokens:[\da-f]{64}$/);
  });

  it.each([
    { namespace: 'other' },
    { namespace: 'oauth-token' },
    { useKeyPrefix: false },
    { namespace: 'a:b:c' },
  ])('lists its keys in a Keyv of %o', async (options) => {
    const store = new KeyvTokenStore(new Keyv(options));
    await store.set(ALICE, record());
    expect(await store.get(ALICE)).toBeDefined();
    expect(await collect(store.keys!({}))).toEqual([ALICE]);
  });

  it('shares a Keyv with stores of other prefixes, and with values of others', async () => {
    const keyv = new Keyv();
    const [one, two] = ['one:', 'two:'].map((prefix) => new KeyvTokenStore(keyv, { prefix }));
    await keyv.set('something', 'else');
    await keyv.set('anything', { key: 1 });
    await one!.set(ALICE, record());
    await two!.set(BOB, record());
    expect(await collect(one!.keys!({}))).toEqual([ALICE]);
    expect(await two!.get(ALICE)).toBeUndefined();
  });

  it.each([
    ['something else', 'nonsense'],
    ['another store', JSON.stringify({ prefix: 'other:', key: ALICE, record: record() })],
    ['somebody else', JSON.stringify({ prefix: 'oauth-token:', key: BOB, record: record() })],
  ])('makes a typed error of a value that is of %s', async (_whose, value) => {
    const { adapter, keyv, store } = bench();
    await store.set(ALICE, record());
    const [id] = adapter.values.keys();
    await keyv.set(id!.slice('keyv:'.length), value);
    const error = await failure(store.get(ALICE), TokenStoreError);
    expect(error).toMatchObject({ client: 'github', subject: 'alice' });
  });

  it('leaves the Keyv connected when it is closed, and listens to it no more', async () => {
    const { adapter, keyv, store } = bench();
    let disconnected = 0;
    keyv.on('disconnect', () => (disconnected += 1));
    const before = adapter.listeners;
    await store.close();
    expect(disconnected).toBe(0);
    expect(adapter.listeners).toBe(before - 1);
  });

  it('shows no record when it is printed', async () => {
    const store = new KeyvTokenStore(new Keyv());
    await store.set(ALICE, record());
    expect(inspect(store, { depth: 10, showHidden: true })).toBe(
      'KeyvTokenStore { prefix: "oauth-token:" }',
    );
    expect(JSON.stringify(store)).toBe('{"prefix":"oauth-token:"}');
  });
});

describe('a backend of Keyv that fails', () => {
  const FAULTS: Record<string, (adapter: Adapter) => unknown> = {
    throws: () => {
      throw new Error('ECONNREFUSED');
    },
    'tells of an error and answers nothing': (adapter) => adapter.swallow(),
    'tells of an error and answers false': (adapter) => adapter.swallow() ?? false,
  };
  for (const [how, fault] of Object.entries(FAULTS)) {
    it.each(['get', 'set', 'delete'] as const)(`is an error where it ${how}: %s`, async (what) => {
      const { adapter, store } = bench();
      await store.set(ALICE, record());
      adapter.fault = () => fault(adapter);
      const error = await failure(store[what](ALICE, record()), TokenStoreError);
      expect(error.message).toContain('OAuth client "github": The Keyv backend did not answer.');
      expect(error.cause).toMatchObject({ message: 'ECONNREFUSED' });
      adapter.fault = undefined;
      expect(await store.get(ALICE)).toBeDefined();
    });
  }

  it('is an error while its keys are listed', async () => {
    const keyv = new Keyv();
    const store = new KeyvTokenStore(keyv);
    keyv.iterator = async function* () {
      yield ['x', 'y'];
      throw new Error('ECONNREFUSED');
    };
    await failure(collect(store.keys!({})), TokenStoreError);
  });

  it('is an error where errors are not to be emitted', async () => {
    const adapter = new Adapter();
    const store = new KeyvTokenStore(new Keyv({ store: adapter, emitErrors: false }));
    adapter.fault = () => adapter.swallow();
    await failure(store.get(ALICE), TokenStoreError);
  });
});
