import assert from 'node:assert/strict';
import type { TokenKey } from '../index.js';
import {
  newRecord,
  until,
  type TokenStoreBench,
  type TokenStoreTests,
} from './describe-token-store.support.js';

/** A commit writes while the record is the one the lease was granted on, and only then. */
export function describeCommits(tests: TokenStoreTests): void {
  tests.it('commits the next record and ends the lease', async (bench) => {
    const { store } = bench;
    const [first, next] = [newRecord(), newRecord()];
    await store.set(bench.key(), first);
    const lease = await bench.lease(bench.key());
    assert.equal(await lease.commit(next), true);
    assert.deepEqual(await store.get(bench.key()), next);
    assert.equal(await lease.renew(60_000), false);
    const after = await bench.lease(bench.key());
    assert.deepEqual([after.record, after.abandoned], [next, false]);
  });

  tests.it('commits a first record', async (bench) => {
    const next = newRecord();
    assert.equal(await (await bench.lease(bench.key())).commit(next), true);
    assert.deepEqual(await bench.store.get(bench.key()), next);
  });

  tests.it('deletes by a commit of nothing', async (bench) => {
    const { store } = bench;
    await store.set(bench.key(), newRecord());
    assert.equal(await (await bench.lease(bench.key())).commit(undefined), true);
    assert.equal(await store.get(bench.key()), undefined);
    assert.equal((await bench.lease(bench.key())).abandoned, false);
  });

  tests.it('is not changed through the record that was committed', async (bench) => {
    const record = newRecord();
    const given = structuredClone(record);
    await (await bench.lease(bench.key())).commit(given);
    Reflect.set(given.raw, 'access_token', 'spoilt');
    assert.deepEqual(await bench.store.get(bench.key()), record);
  });

  tests.it('commits after the lease has lapsed, while nothing has changed', async (bench) => {
    const { store } = bench;
    const next = newRecord();
    await store.set(bench.key(), newRecord());
    const lapsed = await bench.lapsedLease(bench.key());
    assert.equal(await lapsed.commit(next), true);
    assert.deepEqual(await store.get(bench.key()), next);
  });

  tests.it('lets the first of two holders win, lapsed or not', async (bench) => {
    const { store } = bench;
    const [next, late] = [newRecord(), newRecord()];
    await store.set(bench.key(), newRecord());
    const lapsed = await bench.lapsedLease(bench.key());
    const held = await bench.lease(bench.key());
    assert.equal(await lapsed.commit(next), true);
    assert.equal(await held.commit(late), false);
    assert.deepEqual(await store.get(bench.key()), next);
    assert.equal(await held.renew(60_000), false);
    await bench.lease(bench.key());
  });

  tests.it('commits once', async (bench) => {
    const next = newRecord();
    const lease = await bench.lease(bench.key());
    assert.equal(await lease.commit(next), true);
    assert.equal(await lease.commit(newRecord()), false);
    assert.equal(await lease.commit(undefined), false);
    assert.deepEqual(await bench.store.get(bench.key()), next);
  });

  for (const [what, change] of Object.entries(CHANGES)) {
    tests.it(`refuses to commit after ${what}`, async (bench) => {
      const { store } = bench;
      const key = bench.key();
      await change.before(bench, key);
      const lease = await bench.lease(key);
      await change.during(bench, key);
      const theirs = await store.get(key);
      assert.equal(await lease.commit(newRecord()), false);
      assert.deepEqual(await store.get(key), theirs);
      assert.equal(await lease.commit(undefined), false);
      assert.deepEqual(await store.get(key), theirs);
      await lease.release();
      await bench.lease(key);
    });
  }

  tests.it('loses no update of 20 that take turns', async (bench) => {
    const key = bench.key();
    const increment = async () => {
      await until('a turn comes', async () => {
        const lease = await bench.tryLease(key);
        if (!lease) return false;
        const count = Number(lease.record?.accessToken ?? 0) + 1;
        return lease.commit(newRecord({ accessToken: String(count) }));
      });
    };
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.equal((await bench.store.get(key))?.accessToken, '20');
  });
}

interface Change {
  readonly before: (bench: TokenStoreBench, key: TokenKey) => Promise<unknown>;
  readonly during: (bench: TokenStoreBench, key: TokenKey) => Promise<unknown>;
}

const EQUAL = newRecord();

/** What may happen to a record under somebody's lease: all of it wins. */
const CHANGES: Readonly<Record<string, Change>> = {
  'a set': {
    before: ({ store }, key) => store.set(key, newRecord()),
    during: ({ store }, key) => store.set(key, newRecord()),
  },
  'a first set': {
    before: async () => undefined,
    during: ({ store }, key) => store.set(key, newRecord()),
  },
  'a set of an equal record': {
    before: ({ store }, key) => store.set(key, EQUAL),
    during: ({ store }, key) => store.set(key, EQUAL),
  },
  'a delete': {
    before: ({ store }, key) => store.set(key, newRecord()),
    during: ({ store }, key) => store.delete(key),
  },
  'a delete of what was not there': {
    before: async () => undefined,
    during: ({ store }, key) => store.delete(key),
  },
  'a delete and a set of an equal record': {
    before: ({ store }, key) => store.set(key, EQUAL),
    during: async ({ store }, key) => {
      await store.delete(key);
      await store.set(key, EQUAL);
    },
  },
  'a set by a holder that came later': {
    before: ({ store }, key) => store.set(key, newRecord()),
    during: async (bench, key) => {
      await bench.store.delete(key);
      await (await bench.lease(key)).commit(newRecord());
    },
  },
};
