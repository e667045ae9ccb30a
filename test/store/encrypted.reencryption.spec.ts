import {
  ConfigurationError,
  TokenStoreError,
  type Lease,
  type TokenStore,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { EncryptedTokenStore } from '../../lib/store/encrypted.token-store.js';
import type { EncryptionKey } from '../../lib/store/key-ring.js';
import { FaultyStore } from '../support/faulty-store.js';
import { PlainStore } from '../support/plain-store.js';
import { ALICE, bench, BOB, collect, newKey, record } from './encrypted.fixtures.js';

const SUBJECTS = ['alice', 'bob', 'carol'].map((subject) => ({ client: 'github', subject }));

function rotated(options: Parameters<typeof bench>[0] = {}) {
  const former: EncryptionKey = { kid: 'former', key: newKey() };
  const newest: EncryptionKey = { kid: 'newest', key: newKey() };
  const made = bench({ ...options, keys: [former] });
  const after = made.open({ keys: [newest, former] });
  return { ...made, after, onlyNewest: made.open({ keys: [newest] }) };
}

describe('reencrypt()', () => {
  it('encrypts every record with the newest key, and tells of its progress', async () => {
    const { store, after, onlyNewest } = rotated();
    const given = record();
    for (const key of SUBJECTS) await store.set(key, given);
    const progress = await collect(after.reencrypt());
    expect(progress).toEqual([
      { done: 1, reencrypted: 1, failed: 0 },
      { done: 2, reencrypted: 2, failed: 0 },
      { done: 3, reencrypted: 3, failed: 0 },
      { done: 3, reencrypted: 3, failed: 0, total: 3 },
    ]);
    for (const key of SUBJECTS) expect(await onlyNewest.get(key)).toEqual(given);
  });

  it('leaves alone what is encrypted with the newest key', async () => {
    const { inner, after } = rotated();
    await after.set(ALICE, record());
    const before = await inner.get(ALICE);
    expect((await collect(after.reencrypt())).at(-1)).toEqual({
      done: 1,
      reencrypted: 0,
      failed: 0,
      total: 1,
    });
    expect(await inner.get(ALICE)).toBe(before);
  });

  it('encrypts what was stored before encryption was switched on', async () => {
    const { inner, store, open } = bench({ allowPlain: true });
    const given = record();
    await inner.set(ALICE, given);
    await collect(store.reencrypt());
    expect(await open({ allowPlain: false }).get(ALICE)).toEqual(given);
  });

  it('leaves alone what is no record', async () => {
    const { inner, store } = bench({ allowPlain: true });
    const damaged = { ...record(), scope: 'read' as never };
    await inner.set(ALICE, damaged);
    expect((await collect(store.reencrypt())).at(-1)).toMatchObject({ done: 0, failed: 1 });
    expect(await inner.get(ALICE)).toEqual(damaged);
  });

  it('goes on after a record that cannot be decrypted, names it, and leaves it as it is', async () => {
    const { inner, store, after } = rotated();
    await store.set(ALICE, record());
    await inner.set(BOB, record());
    const before = await inner.get(BOB);
    const progress = await collect(after.reencrypt());
    const [failed] = progress.filter(({ failure }) => failure !== undefined);
    expect(failed!.failure).toBeInstanceOf(TokenStoreError);
    expect(failed!.failure).toMatchObject({ client: 'github', subject: 'bob' });
    expect(progress.at(-1)).toEqual({ done: 1, reencrypted: 1, failed: 1, total: 2 });
    expect(await inner.get(BOB)).toBe(before);
  });

  it('leaves a record to whoever renews it since its own lease has lapsed', async () => {
    const { inner, store, after } = rotated();
    await store.set(ALICE, record());
    const before = await inner.get(ALICE);
    const { acquireLease } = inner;
    let another: Lease | undefined;
    inner.acquireLease = async (key) => {
      const lapsed = await acquireLease.call(inner, key, 0);
      another ??= await acquireLease.call(inner, key, 60_000);
      return lapsed;
    };
    const progress = await collect(after.reencrypt({ patienceMs: 0 }));
    expect(progress.at(-1)).toEqual({ done: 0, reencrypted: 0, failed: 1, total: 1 });
    expect(await inner.get(ALICE)).toBe(before);
    expect(await another!.renew(60_000)).toBe(true);
  });

  it('counts a record as failed that its store does not give', async () => {
    const down = new FaultyStore();
    const keys = [newKey()];
    const store = new EncryptedTokenStore(down, { keys });
    await store.set(ALICE, record());
    down.fail('get');
    const [failed] = await collect(store.reencrypt());
    expect(failed).toMatchObject({ done: 0, failed: 1 });
    expect(failed!.failure).toBeInstanceOf(TokenStoreError);
  });

  it('waits for a renewal under way, and keeps what it wrote', async () => {
    const { inner, store, after, onlyNewest } = rotated();
    await store.set(ALICE, record());
    const lease = await after.acquireLease!(ALICE, 60_000);
    const acquire = inner.acquireLease.bind(inner);
    const asked = new Promise<void>((resolve) => {
      inner.acquireLease = (key, ttlMs) => {
        resolve();
        return acquire(key, ttlMs);
      };
    });
    const first = after.reencrypt().next();
    await asked;
    const renewed = record();
    expect(await lease!.commit(renewed)).toBe(true);
    expect((await first).value).toEqual({ done: 1, reencrypted: 0, failed: 0, total: 1 });
    expect(await onlyNewest.get(ALICE)).toEqual(renewed);
  });

  it('gives up a record whose renewal takes longer than it waits', async () => {
    const { store, after } = rotated();
    await store.set(ALICE, record());
    await store.acquireLease!(ALICE, 60_000);
    const [failed, last] = await collect(after.reencrypt({ patienceMs: 10 }));
    expect(failed!.failure?.message).toContain('is being renewed');
    expect(last).toEqual({ done: 0, reencrypted: 0, failed: 1, total: 1 });
  });

  it('leaves a record abandoned whose renewal was broken off', async () => {
    const { store, after } = rotated();
    const given = record();
    await store.set(ALICE, given);
    const broken = await store.acquireLease!(ALICE, 1);
    const [failed] = await collect(after.reencrypt({ patienceMs: 10 }));
    expect(failed!.failed).toBe(1);
    const next = await after.acquireLease!(ALICE, 1000);
    expect(next).toMatchObject({ abandoned: true, record: given });
    await next!.release();
    expect(await broken!.commit(record())).toBe(true);
  });

  it('works where subjects are hashed', async () => {
    const { store, after, onlyNewest } = rotated({ hashSubjects: { key: newKey() } });
    const given = record();
    for (const key of SUBJECTS) await store.set(key, given);
    expect((await collect(after.reencrypt())).at(-1)).toMatchObject({ reencrypted: 3, failed: 0 });
    for (const key of SUBJECTS) expect(await onlyNewest.get(key)).toEqual(given);
  });

  it('can be broken off, and begun again', async () => {
    const { store, after, onlyNewest } = rotated();
    for (const key of SUBJECTS) await store.set(key, record());
    for await (const { done } of after.reencrypt()) if (done === 1) break;
    expect((await collect(after.reencrypt())).at(-1)).toMatchObject({ done: 3, reencrypted: 2 });
    for (const key of SUBJECTS) await onlyNewest.get(key);
  });

  it('overwrites nothing in a store without leases that this process writes meanwhile', async () => {
    const inner = new PlainStore();
    const listing: TokenStore = Object.assign(inner, {
      keys: async function* () {
        yield ALICE;
      },
    });
    const [former, newest] = [newKey(), newKey()];
    await new EncryptedTokenStore(inner, { keys: [former] }).set(ALICE, record());
    const store = new EncryptedTokenStore(listing, { keys: [newest, former] });
    const write = inner.set.bind(inner);
    let goOn: () => void = () => undefined;
    const begun = new Promise<void>((begin) => {
      inner.set = async (key, written) => {
        inner.set = write;
        begin();
        await new Promise<void>((resolve) => (goOn = resolve));
        return write(key, written);
      };
    });
    const walk = collect(store.reencrypt());
    await begun;
    const renewed = record();
    const setting = store.set(ALICE, renewed);
    await new Promise(setImmediate);
    goOn();
    await setting;
    expect((await walk).at(-1)).toEqual({ done: 1, reencrypted: 1, failed: 0, total: 1 });
    expect(await store.get(ALICE)).toEqual(renewed);
  });

  it('is refused for a store that cannot list its keys', () => {
    const store = new EncryptedTokenStore(new PlainStore(), { keys: [newKey()] });
    expect(() => store.reencrypt()).toThrow(ConfigurationError);
  });
});
