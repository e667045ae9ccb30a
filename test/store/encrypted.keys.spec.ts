import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { ConfigurationError, TokenStoreError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import type { EncryptionKeyList } from '../../lib/store/key-ring.js';
import { failure } from '../support/failure.js';
import { ALICE, bench, BOB, jweOf, newKey, record } from './encrypted.fixtures.js';

/** The name of the key that a record is encrypted with. */
function kidOf(jwe: string): unknown {
  const header = Buffer.from(jwe.split('.')[0]!, 'base64url').toString();
  return (JSON.parse(header) as { kid?: unknown }).kid;
}

describe('the key ring of an EncryptedTokenStore', () => {
  it('encrypts with the first key, and decrypts with all', async () => {
    const [former, newest] = [
      { kid: 'former', key: newKey() },
      { kid: 'newest', key: newKey() },
    ];
    const { inner, store, open } = bench({ keys: [former] });
    const given = record();
    await store.set(ALICE, given);
    const rotated = open({ keys: [newest, former] });
    expect(await rotated.get(ALICE)).toEqual(given);
    await rotated.set(BOB, record());
    expect(kidOf(jweOf(await inner.get(ALICE)))).toBe('former');
    expect(kidOf(jweOf(await inner.get(BOB)))).toBe('newest');
  });

  it('encrypts with the newest key as a lease is committed', async () => {
    const { inner, keys, store, open } = bench();
    await store.set(ALICE, record());
    const newest = { kid: 'newest', key: newKey() };
    const rotated = open({ keys: [newest, ...(keys as EncryptionKeyList)] });
    const lease = await rotated.acquireLease!(ALICE, 1000);
    expect(await lease!.commit(record())).toBe(true);
    expect(kidOf(jweOf(await inner.get(ALICE)))).toBe('newest');
  });

  it('takes a key in base64, in base64url or as bytes for the same, and names it itself', async () => {
    const bytes = randomBytes(32);
    const { inner, store, open } = bench({ keys: [bytes] });
    const given = record();
    await store.set(ALICE, given);
    for (const key of [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      new Uint8Array(bytes),
      { key: bytes },
    ]) {
      expect(await open({ keys: [key] }).get(ALICE)).toEqual(given);
    }
    expect(kidOf(jweOf(await inner.get(ALICE)))).toMatch(/^[\w-]{12}$/);
  });

  const secret = randomBytes(24).toString('base64');
  it.each<[string, unknown]>([
    ['no key', []],
    ['a key that is too short', [secret]],
    ['a key in hexadecimal', [randomBytes(32).toString('hex')]],
    ['bytes that are too many', [randomBytes(33)]],
    ['a key that is not there', [undefined]],
    ['an empty kid', [{ kid: '', key: newKey() }]],
    [
      'a kid that is given twice',
      [
        { kid: 'one', key: newKey() },
        { kid: 'one', key: newKey() },
      ],
    ],
    ['the same key twice', [randomBytes(32)].flatMap((key) => [key, key])],
    ['a key in place of the list', newKey()],
  ])('refuses %s at once, without a key in the error', (_what, keys) => {
    const make = () => bench({ keys: keys as EncryptionKeyList });
    expect(make).toThrow(ConfigurationError);
    const text = inspect(caught(make), { depth: 10, showHidden: true });
    expect(text).not.toContain(secret);
  });

  it('says which key is wrong', () => {
    expect(() => bench({ keys: [newKey(), 'short'] })).toThrow('key at position 2 is not 32 bytes');
  });

  it('refuses a wrong key of hashSubjects at once', () => {
    expect(() => bench({ hashSubjects: { key: 'short' } })).toThrow(ConfigurationError);
  });
});

describe('a function that gets the keys', () => {
  it('is asked once, at first use', async () => {
    let asked = 0;
    const key = newKey();
    const { store } = bench({
      keys: async () => {
        asked += 1;
        return [key];
      },
    });
    expect(asked).toBe(0);
    await Promise.all([store.set(ALICE, record()), store.set(BOB, record())]);
    await store.get(ALICE);
    expect(asked).toBe(1);
  });

  it('is asked again when a record names a key that is not known', async () => {
    const [former, newest] = [
      { kid: 'former', key: newKey() },
      { kid: 'newest', key: newKey() },
    ];
    let keys = [former];
    const { store, open } = bench({ keys: () => keys });
    await store.set(ALICE, record());
    keys = [newest, former];
    const given = record();
    await open({ keys }).set(BOB, given);
    expect(await store.get(BOB)).toEqual(given);
  });

  it('is asked once by many records of a key that nobody knows', async () => {
    let asked = 0;
    const { store, open } = bench({
      keys: () => {
        asked += 1;
        return [{ kid: 'one', key: randomBytes(32) }];
      },
    });
    await store.set(ALICE, record());
    await open({ keys: [{ kid: 'lost', key: newKey() }] }).set(BOB, record());
    const reads = Array.from({ length: 20 }, () => failure(store.get(BOB), TokenStoreError));
    await Promise.all(reads);
    await failure(store.get(BOB), TokenStoreError);
    expect(asked).toBe(2);
  });

  it.each<[string, () => EncryptionKeyList | Promise<EncryptionKeyList>]>([
    ['fails', () => Promise.reject(new Error('KMS is down'))],
    ['throws', thrower],
    ['answers no key', () => []],
    ['answers a wrong key', () => ['secret-key']],
  ])('makes a typed error of what it is asked for when it %s', async (_how, keys) => {
    const { inner, store, open } = bench({ keys });
    await open({ keys: [newKey()] }).set(ALICE, record());
    const before = await inner.get(ALICE);
    for (const work of [
      () => store.get(ALICE),
      () => store.set(ALICE, record()),
      () => store.acquireLease!(ALICE, 1000),
    ]) {
      const error = await failure(work, TokenStoreError);
      expect(error.message).toContain('The function that gets the encryption keys failed.');
      expect(error).toMatchObject({ client: 'github', subject: 'alice' });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
    }
    expect(await inner.get(ALICE)).toEqual(before);
  });

  it('is asked anew after it has failed', async () => {
    let answers = 0;
    const key = newKey();
    const { store } = bench({
      keys: () => ((answers += 1) === 1 ? Promise.reject(new Error('KMS is down')) : [key]),
    });
    await failure(store.set(ALICE, record()), TokenStoreError);
    await store.set(ALICE, record());
  });

  it('is not needed for a commit once the lease was granted', async () => {
    let isDown = false;
    const key = newKey();
    const { store } = bench({
      keys: () => (isDown ? Promise.reject(new Error('KMS is down')) : [key]),
    });
    const lease = await store.acquireLease!(ALICE, 1000);
    isDown = true;
    expect(await lease!.commit(record())).toBe(true);
  });
});

function thrower(): never {
  throw new Error('KMS is down');
}

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
