import assert from 'node:assert/strict';
import type { TokenKey } from '../index.js';
import {
  newRecord,
  until,
  type TokenStoreBench,
  type TokenStoreTests,
} from './describe-token-store.support.js';

/** Whoever watches hears which key changed. */
export function describeChanges(tests: TokenStoreTests, hasLeases: boolean): void {
  const key = (bench: TokenStoreBench) => bench.key("o'Hara:{x}/\n🙂", 'variant:1');

  tests.it('tells of a set and of a delete', async (bench) => {
    await heard(bench, key(bench), () => bench.store.set(key(bench), newRecord()));
    await heard(bench, key(bench), () => bench.store.delete(key(bench)));
  });

  tests.it('tells a key without a variant from one with an empty variant', async (bench) => {
    const none = bench.key('alice');
    await heard(bench, none, () => bench.store.set(none, newRecord()));
    // Of another subject: between servers, word of the first change may still be on its way.
    const empty = bench.key('bob', '');
    await heard(bench, empty, () => bench.store.set(empty, newRecord()));
  });

  if (!hasLeases) return;
  tests.it('tells of a commit, also of one that deletes', async (bench) => {
    const first = await bench.lease(key(bench));
    await heard(bench, key(bench), () => first.commit(newRecord()));
    const second = await bench.lease(key(bench));
    await heard(bench, key(bench), () => second.commit(undefined));
  });
}

/** Watches while a key is changed once, until that key, and no other of its subject, was heard of. */
async function heard(
  { store, client }: TokenStoreBench,
  expected: TokenKey,
  change: () => Promise<unknown>,
): Promise<void> {
  const probe = { client: `${client}-probe`, subject: '' };
  const keys: TokenKey[] = [];
  let connected = false;
  let failure: unknown;
  const subscription = store.changes$!.subscribe({
    next: (key) => {
      if (key.client === probe.client) connected = true;
      if (key.client === client && key.subject === expected.subject) keys.push({ ...key });
    },
    error: (error: unknown) => (failure = error ?? new Error('the feed failed')),
  });
  try {
    // A feed may take a moment to connect, and what happens until then is not heard of.
    await until('the feed is connected', async () => {
      await store.set(probe, newRecord());
      return connected || failure !== undefined;
    });
    await change();
    await until('the change is heard of', async () => keys.length > 0 || failure !== undefined);
    assert.equal(failure, undefined);
    for (const key of keys) assert.deepEqual(key, expected);
  } finally {
    subscription.unsubscribe();
    await store.delete(probe);
  }
}
