import { TokenStoreError, type TokenKey } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { ALICE, bench, BOB, collect, newKey, record } from './encrypted.fixtures.js';

const MACHINE: TokenKey = { client: 'billing', subject: '' };

function hashed() {
  return bench({ hashSubjects: { key: newKey() } });
}

describe('hashSubjects', () => {
  it('shows no subject to the store, neither in a key nor in a record', async () => {
    const { inner, store } = hashed();
    await store.set(ALICE, record());
    await store.set({ ...ALICE, variant: 'v' }, record());
    const keys = await collect(inner.keys({}));
    expect(keys.map(({ client }) => client)).toEqual(['github', 'github']);
    for (const key of keys) {
      expect(key.subject).toMatch(/^hs1\.[\w-]{43}$/);
      const header = String((await inner.get(key))?.raw['jwe']).split('.')[0]!;
      const shown = JSON.stringify([key, await inner.get(key)]);
      expect(shown + Buffer.from(header, 'base64url').toString()).not.toContain('alice');
    }
  });

  it('leaves the client itself, which is nobody', async () => {
    const { inner, store } = hashed();
    await store.set(MACHINE, record());
    expect(await collect(inner.keys({}))).toEqual([MACHINE]);
  });

  it('finds records again in another process, and after a rotation of the encryption keys', async () => {
    const { keys, store, open } = hashed();
    const given = record();
    await store.set(ALICE, given);
    const list = keys as readonly { kid: string; key: string }[];
    expect(await open({ keys: [newKey(), ...list] }).get(ALICE)).toEqual(given);
  });

  it('takes its key from a function, which it asks once', async () => {
    let asked = 0;
    const key = newKey();
    const { store, open } = bench({
      hashSubjects: {
        key: async () => {
          asked += 1;
          return key;
        },
      },
    });
    const given = record();
    await store.set(ALICE, given);
    await store.get(ALICE);
    expect(asked).toBe(1);
    expect(await open({ hashSubjects: { key } }).get(ALICE)).toEqual(given);
  });

  it('makes a typed error of a key function that fails', async () => {
    const { store } = bench({ hashSubjects: { key: () => 'secret-short' } });
    const error = await failure(store.get(ALICE), TokenStoreError);
    expect(error.message).toContain('the key of hashSubjects failed');
    expect(error).toMatchObject({ client: 'github', subject: 'alice' });
  });

  it('finds nothing under another key', async () => {
    const { store, open } = hashed();
    await store.set(ALICE, record());
    expect(await open({ hashSubjects: { key: newKey() } }).get(ALICE)).toBeUndefined();
  });

  it('lists subjects that this process has not met, as themselves', async () => {
    const { store, open } = hashed();
    for (const key of [ALICE, BOB, MACHINE]) await store.set(key, record());
    const other = open();
    expect(await collect(other.keys!({}))).toEqual([ALICE, BOB, MACHINE]);
    expect(await collect(open().keys!({ subject: 'bob' }))).toEqual([BOB]);
  });

  it('does not list what was written without it', async () => {
    const { store, open } = hashed();
    await open({ hashSubjects: undefined }).set(BOB, record());
    await store.set(ALICE, record());
    expect(await collect(open().keys!({}))).toEqual([ALICE]);
  });

  it('tells of changes to the subjects that this process has met, and of no others', async () => {
    const { store, open } = hashed();
    const other = open();
    await store.get(ALICE);
    const heard: TokenKey[] = [];
    const subscription = store.changes$!.subscribe((key) => heard.push(key));
    for (const key of [BOB, ALICE, MACHINE]) await other.set(key, record());
    await other.delete(ALICE);
    subscription.unsubscribe();
    expect(heard).toEqual([ALICE, MACHINE, ALICE]);
  });

  it('refuses the record of another subject', async () => {
    const { inner, store } = hashed();
    await store.set(ALICE, record());
    await store.set(BOB, record());
    const [alice, bob] = (await collect(inner.keys({}))) as [TokenKey, TokenKey];
    await inner.set(alice, (await inner.get(bob))!);
    const error = await failure(store.get(ALICE), TokenStoreError);
    expect(error.message).toContain('records were swapped');
  });
});
