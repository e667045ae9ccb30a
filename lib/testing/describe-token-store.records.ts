import assert from 'node:assert/strict';
import type { TokenKey, TokenRecord, TokenStore } from '../index.js';
import { newRecord, type TokenStoreTests } from './describe-token-store.support.js';

/** Subjects, and variants, that a careless join of a key's parts would mix up. */
const AWKWARD = [
  ...['', ':', '::', 'a:b', '5:alice', '{a}', '/', 'a/b', '../a', '*', '?', '%', '\\', '"', "a'b"],
  ...['a b', 'a\nb', 'a\r\nb', 'Alice', 'alice ', 'ä', 'a\u0308', '🙂', 'undefined', 'null'],
];

/** Records come back as they went in, each under its own key. */
export function describeRecords(tests: TokenStoreTests): void {
  tests.it('knows nothing of a key that was never written', async (bench) => {
    assert.equal(await bench.store.get(bench.key()), undefined);
    assert.equal(await bench.store.delete(bench.key()), false);
  });

  tests.it('returns a record as it was given', async (bench) => {
    const { store } = bench;
    const key = bench.key();
    const long = 'x'.repeat(16 * 1024);
    for (const record of [newRecord(), smallest(), newRecord({ accessToken: long })]) {
      await store.set(key, record);
      assert.deepEqual(await store.get(key), record);
    }
  });

  tests.it('replaces a record, and deletes it once', async (bench) => {
    const { store } = bench;
    const [first, second] = [newRecord(), newRecord()];
    await store.set(bench.key(), first);
    await store.set(bench.key(), second);
    assert.deepEqual(await store.get(bench.key()), second);
    assert.equal(await store.delete(bench.key()), true);
    assert.equal(await store.get(bench.key()), undefined);
    assert.equal(await store.delete(bench.key()), false);
  });

  tests.it('keeps different keys apart, whatever they hold', async (bench) => {
    const { store } = bench;
    const keys = awkwardKeys(bench.client);
    const records = new Map(keys.map((key) => [key, newRecord()]));
    for (const [key, record] of records) await store.set(key, record);
    for (const [key, record] of records) {
      const found = await store.get({ ...key });
      assert.equal(found?.version, record.version, `the key ${JSON.stringify(key)}`);
    }
    const [first, ...others] = keys as [TokenKey, ...TokenKey[]];
    assert.equal(await store.delete(first), true);
    assert.equal(await store.get(first), undefined);
    for (const key of others) assert.ok(await store.get(key), `the key ${JSON.stringify(key)}`);
    for (const key of others) await store.delete(key);
  });

  tests.it('is not changed through what was given to it', async (bench) => {
    const { store } = bench;
    const given = structuredClone(newRecord());
    const expected = structuredClone(given);
    await store.set(bench.key(), given);
    spoil(given);
    assert.deepEqual(await store.get(bench.key()), expected);
  });

  tests.it('is not changed through what it returned', async (bench) => {
    const { store } = bench;
    const record = newRecord();
    await store.set(bench.key(), record);
    const returned = await store.get(bench.key());
    assert.ok(returned);
    spoil(returned);
    assert.deepEqual(await store.get(bench.key()), record);
  });
}

/** The keys that are stored can be listed. */
export function describeKeys(tests: TokenStoreTests, hasLeases: boolean): void {
  tests.it('lists the keys of a client, of a subject, or of both', async (bench) => {
    const { store, client } = bench;
    const subject = `subject of ${client}`;
    const keys = [bench.key(subject), bench.key(subject, 'v'), bench.key('other', 'v')];
    const foreign = { client: `${client}-2`, subject };
    for (const key of [...keys, foreign]) await store.set(key, newRecord());
    await sameKeys(store, { client }, keys);
    await sameKeys(store, { subject }, [keys[0]!, keys[1]!, foreign]);
    await sameKeys(store, { client, subject }, keys.slice(0, 2));
    await sameKeys(store, { client, subject: 'nobody' }, []);
    const all = await listed(store, {});
    for (const key of [...keys, foreign]) assert.ok(all.includes(named(key)), named(key));
    await store.delete(foreign);
  });

  tests.it('lists keys as they were given, and no more once they are deleted', async (bench) => {
    const { store, client } = bench;
    const keys = awkwardKeys(client).filter((key) => key.client === client);
    for (const key of keys) await store.set(key, newRecord());
    await sameKeys(store, { client }, keys);
    for (const key of keys) await store.delete(key);
    await sameKeys(store, { client }, []);
  });

  if (!hasLeases) return;
  tests.it('lists no key for a lease alone', async (bench) => {
    const { store, client } = bench;
    await bench.lease(bench.key());
    await sameKeys(store, { client }, []);
  });
}

/** Every awkward text as a subject and as a variant, and parts that are moved between the two. */
function awkwardKeys(client: string): TokenKey[] {
  const subjects = AWKWARD.map((subject) => ({ client, subject }));
  const variants = AWKWARD.map((variant) => ({ client, subject: 'alice', variant }));
  return [
    ...subjects,
    ...variants,
    { client, subject: 'alice' },
    { client, subject: 'a', variant: 'b' },
    { client, subject: 'a', variant: 'b:c' },
    { client, subject: 'a:b', variant: 'c' },
    { client, subject: 'a/b', variant: 'c' },
    { client, subject: '', variant: 'alice' },
    { client: `${client}:a`, subject: 'b' },
    { client: `${client}:a`, subject: 'b', variant: '' },
  ];
}

function smallest(): TokenRecord {
  const { format, version, obtainedAt, accessToken, tokenType } = newRecord();
  return { format, version, obtainedAt, accessToken, tokenType, scope: [], raw: {} };
}

/** Changes everything in a record that lets itself be changed. */
function spoil(record: TokenRecord): void {
  const { raw, scope, claims } = record;
  const { nested } = raw as { nested: { list: unknown[] } };
  // A frozen record refuses, which is as good.
  Reflect.set(record, 'accessToken', 'spoilt');
  Reflect.set(scope, 0, 'spoilt');
  Reflect.set(claims!, 'sub', 'spoilt');
  Reflect.set(nested.list, 0, 'spoilt');
  Reflect.deleteProperty(raw, 'access_token');
}

async function sameKeys(
  store: TokenStore,
  query: { client?: string; subject?: string },
  expected: readonly TokenKey[],
): Promise<void> {
  assert.deepEqual((await listed(store, query)).sort(), expected.map(named).sort());
}

async function listed(
  store: TokenStore,
  query: { client?: string; subject?: string },
): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys!(query)) keys.push(named(key));
  return keys;
}

/** A key as text, whatever order its members are in. */
function named({ client, subject, variant }: TokenKey): string {
  return JSON.stringify([client, subject, ...(variant === undefined ? [] : [variant])]);
}
