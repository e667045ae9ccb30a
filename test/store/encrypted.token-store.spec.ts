import { inspect } from 'node:util';
import { compactDecrypt, CompactEncrypt } from 'jose';
import { MemoryTokenStore } from 'nestjs-oauth-client';
import { describeTokenStore } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { EncryptedTokenStore } from '../../lib/store/encrypted.token-store.js';
import { ALICE, bench, jweOf, newKey, record } from './encrypted.fixtures.js';
import { PlainStore } from '../support/plain-store.js';

const MODES = {
  EncryptedTokenStore: {},
  'EncryptedTokenStore that reads plain records': { allowPlain: true },
  'EncryptedTokenStore that remembers nothing': { rememberedRecords: 0 },
  'EncryptedTokenStore with hashed subjects': { hashSubjects: { key: newKey() } },
};
for (const [name, mode] of Object.entries(MODES)) {
  describeTokenStore(
    name,
    () => new EncryptedTokenStore(new MemoryTokenStore(), { keys: [newKey()], ...mode }),
    { describe, it },
  );
}
const hashSubjects = { key: newKey() };
for (const [name, mode] of Object.entries({ plain: {}, hashed: { hashSubjects } })) {
  describeTokenStore(
    `EncryptedTokenStore of no more than get, set and delete, ${name} subjects`,
    () => new EncryptedTokenStore(new PlainStore(), { keys: async () => [newKey()], ...mode }),
    { describe, it, without: ['leases', 'changes', 'keys'] },
  );
}

describe('an EncryptedTokenStore', () => {
  it('leaves in clear what a store compares and expires records by', async () => {
    const { inner, store } = bench();
    const given = record();
    await store.set(ALICE, given);
    expect(await inner.get(ALICE)).toEqual({
      format: 1,
      version: given.version,
      obtainedAt: given.obtainedAt,
      expiresAt: given.expiresAt,
      accessToken: '',
      tokenType: 'encrypted',
      refreshToken: 'encrypted',
      scope: [],
      raw: { jwe: expect.any(String) },
    });
  });

  it('says that there is no refresh token, and no known end, where there is none', async () => {
    const { inner, store } = bench();
    const { refreshToken: _refresh, expiresAt: _end, ...given } = record();
    await store.set(ALICE, given);
    const stored = await inner.get(ALICE);
    expect(Object.keys(stored!)).not.toContain('refreshToken');
    expect(Object.keys(stored!)).not.toContain('expiresAt');
  });

  it('leaves in clear how long a refresh token lasts, where it is a number', async () => {
    const { inner, store } = bench();
    const raw = { refresh_expires_in: '3600', refresh_token_expires_in: 'secret' };
    await store.set(ALICE, record({ raw }));
    expect((await inner.get(ALICE))?.raw).toEqual({
      jwe: expect.any(String),
      refresh_expires_in: 3600,
    });
    expect((await store.get(ALICE))?.raw).toEqual(raw);
  });

  it('shows no secret to the store, neither by a set nor by a commit', async () => {
    const { inner, store } = bench();
    await store.set(ALICE, record());
    expect(JSON.stringify(await inner.get(ALICE))).not.toContain('secret');
    const lease = await store.acquireLease!(ALICE, 1000);
    expect(await lease!.commit(record())).toBe(true);
    expect(JSON.stringify(await inner.get(ALICE))).not.toContain('secret');
  });

  it('encrypts the same record differently each time', async () => {
    const { inner, store } = bench();
    const given = record();
    await store.set(ALICE, given);
    const first = jweOf(await inner.get(ALICE));
    await store.set(ALICE, given);
    expect(jweOf(await inner.get(ALICE))).not.toBe(first);
  });

  it('writes what jose decrypts', async () => {
    const key = newKey();
    const { inner, store } = bench({ keys: [{ kid: 'one', key }] });
    const given = record();
    await store.set(ALICE, given);
    const jwe = jweOf(await inner.get(ALICE));
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, Buffer.from(key, 'base64'));
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(given);
    expect(protectedHeader).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'one',
      bind: expect.any(String),
    });
  });

  it('reads what jose encrypts', async () => {
    const key = newKey();
    const { inner, store } = bench({ keys: [{ kid: 'one', key }] });
    const given = record();
    await store.set(ALICE, given);
    const stored = (await inner.get(ALICE))!;
    const { plaintext, protectedHeader } = await compactDecrypt(
      jweOf(stored),
      Buffer.from(key, 'base64'),
    );
    const jwe = await new CompactEncrypt(plaintext)
      .setProtectedHeader(protectedHeader)
      .encrypt(Buffer.from(key, 'base64'));
    await inner.set(ALICE, { ...stored, raw: { jwe } });
    expect(await store.get(ALICE)).toEqual(given);
  });

  it('is not changed through a record while it encrypts it', async () => {
    const { store } = bench();
    const given = structuredClone(record());
    const setting = store.set(ALICE, given);
    Reflect.set(given, 'accessToken', 'spoilt');
    await setting;
    expect((await store.get(ALICE))?.accessToken).toBe('secret-access');
  });

  it('shows the names of its keys, and nothing else, when it is printed', async () => {
    const key = newKey();
    const { store } = bench({ keys: [{ kid: 'one', key }], hashSubjects: { key } });
    await store.set(ALICE, record());
    expect(inspect(store, { depth: 10, showHidden: true })).toBe(
      'EncryptedTokenStore { kids: ["one"] }',
    );
    expect(JSON.stringify(store)).toBe('{"kids":["one"]}');
  });

  it('closes the store that it wraps', async () => {
    let closed = 0;
    const inner = Object.assign(new PlainStore(), { close: async () => void (closed += 1) });
    await new EncryptedTokenStore(inner, { keys: [newKey()] }).close();
    expect(closed).toBe(1);
  });
});
