import assert from 'node:assert/strict';
import type { TokenKey, TokenRecord, TokenStore } from '../index.js';
import { newRecord, type TokenStoreTests } from './describe-token-store.support.js';

/** Subjects, and variants, that a careless join of a key's parts would mix up. */
const AWKWARD = ['', ':', '::', 'a:b', '{a}', '/', '../a', '*', '?', '%', 'a b', 'a\nb', "a'b", '🙂'];

/** Records come back as they went in, each under its own key. */
export function describeRecords(tests: TokenStoreTests): void {
  tests.it('knows nothing of a key that was never written', async ({ store, key }) => {
    assert.equal(await store.get(key()), undefined);
    assert.equal(await store.delete(key()), false);
  });

  tests.it('returns a record as it was given', async ({ store, ...bench }) => {
    const records = [newRecord(), least(), newRecord({ accessToken: 'x'.repeat(16 * 1024) })];
    for (const record of records) {
      await store.set(bench.key(), record);
      assert.deepEqual(await store.get(bench.key()), record);
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
}
