import assert from 'node:assert/strict';
import {
  newRecord,
  SHORT_MS,
  until,
  type TokenStoreTests,
} from './describe-token-store.support.js';

/** The one right to renew a token: granted once, lapsed, prolonged, released, abandoned. */
export function describeLeases(tests: TokenStoreTests): void {
  tests.it('grants a lease once, with the record as it stands', async (bench) => {
    const { store } = bench;
    const record = newRecord();
    await store.set(bench.key(), record);
    const lease = await bench.lease(bench.key());
    assert.deepEqual(lease.record, record);
    assert.equal(lease.abandoned, false);
    assert.equal(await bench.tryLease(bench.key()), undefined);
    assert.deepEqual(await store.get(bench.key()), record);
  });

  tests.it('grants a lease on a key that has no record', async (bench) => {
    const lease = await bench.lease(bench.key());
    assert.equal(lease.record, undefined);
    assert.equal(lease.abandoned, false);
    assert.equal(await bench.tryLease(bench.key()), undefined);
  });

  tests.it('grants leases on different keys side by side', async (bench) => {
    await bench.lease(bench.key('alice'));
    await bench.lease(bench.key('alice', 'variant'));
    await bench.lease(bench.key('bob'));
  });

  tests.it('grants exactly one of 50 leases that are asked for at once', async (bench) => {
    await bench.store.set(bench.key(), newRecord());
    const asked = Array.from({ length: 50 }, () => bench.tryLease(bench.key()));
    const granted = (await Promise.all(asked)).filter((lease) => lease !== undefined);
    assert.equal(granted.length, 1);
  });

  tests.it('grants it again once it was released', async (bench) => {
    const lease = await bench.lease(bench.key());
    await lease.release();
    assert.equal((await bench.lease(bench.key())).abandoned, false);
  });

  tests.it('grants it again once it has lapsed', async (bench) => {
    await bench.lease(bench.key(), SHORT_MS);
    await until('it lapses', async () => (await bench.tryLease(bench.key())) !== undefined);
  });

  tests.it('prolongs a lease that is held', async (bench) => {
    const lease = await bench.lease(bench.key(), 500);
    assert.equal(await lease.renew(60_000), true);
    await bench.passed(500);
    assert.equal(await bench.tryLease(bench.key()), undefined);
  });

  tests.it('does not prolong a lease that has lapsed', async (bench) => {
    const lapsed = await bench.lapsedLease(bench.key());
    assert.equal(await lapsed.renew(60_000), false);
    await bench.lease(bench.key());
  });

  tests.it('leaves a lease alone that was granted after another one had lapsed', async (bench) => {
    const lapsed = await bench.lapsedLease(bench.key());
    const next = await bench.lease(bench.key());
    assert.equal(await lapsed.renew(1), false);
    await lapsed.release();
    assert.equal(await bench.tryLease(bench.key()), undefined);
    assert.equal(await next.renew(60_000), true);
  });

  tests.it('leaves a lease alone when an earlier one is released twice', async (bench) => {
    await bench.store.set(bench.key(), newRecord());
    const first = await bench.lease(bench.key());
    await first.release();
    const second = await bench.lease(bench.key());
    await first.release();
    assert.equal(await bench.tryLease(bench.key()), undefined);
    assert.equal(await second.renew(60_000), true);
  });

  tests.it('does not prolong a lease that was released, set over or deleted', async (bench) => {
    const { store } = bench;
    const key = bench.key();
    await store.set(key, newRecord());
    const enders = [
      (lease: { release(): Promise<void> }) => lease.release(),
      () => store.set(key, newRecord()),
      () => store.delete(key),
    ];
    for (const end of enders) {
      const lease = await bench.lease(key);
      await end(lease);
      assert.equal(await lease.renew(60_000), false);
      await (await bench.lease(key)).release();
    }
  });

  tests.it('ends a lease by a set and by a delete', async (bench) => {
    const { store } = bench;
    const record = newRecord();
    await bench.lease(bench.key());
    await store.set(bench.key(), record);
    assert.deepEqual((await bench.lease(bench.key())).record, record);
    await store.delete(bench.key());
    assert.equal((await bench.lease(bench.key())).record, undefined);
  });

  describeAbandonment(tests);
}

/** What the next holder is told of one who neither committed nor released. */
function describeAbandonment(tests: TokenStoreTests): void {
  tests.it('says that a record was abandoned, until it changes', async (bench) => {
    const { store } = bench;
    await store.set(bench.key(), newRecord());
    await bench.lapsedLease(bench.key());
    const second = await bench.lease(bench.key());
    assert.equal(second.abandoned, true);
    await second.release();
    const third = await bench.lease(bench.key());
    assert.equal(third.abandoned, true);
    assert.equal(await third.commit(newRecord()), true);
    assert.equal((await bench.lease(bench.key())).abandoned, false);
  });

  tests.it('says nothing of abandonment once the record was set or deleted', async (bench) => {
    const { store } = bench;
    const record = newRecord();
    await store.set(bench.key(), record);
    await bench.lapsedLease(bench.key());
    await store.set(bench.key(), record);
    assert.equal((await bench.lapsedLease(bench.key())).abandoned, false);
    await store.delete(bench.key());
    assert.equal((await bench.lease(bench.key())).abandoned, false);
  });

  tests.it(
    'takes the late release of a lapsed lease as word that nothing was spent',
    async (bench) => {
      await bench.store.set(bench.key(), newRecord());
      const first = await bench.lapsedLease(bench.key());
      const second = await bench.lapsedLease(bench.key());
      await first.release();
      const third = await bench.lease(bench.key());
      assert.equal(third.abandoned, true, 'the second one is still out');
      await third.release();
      await second.release();
      assert.equal((await bench.lease(bench.key())).abandoned, false);
    },
  );
}
