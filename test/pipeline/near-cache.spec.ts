import { MemoryTokenStore, type TokenKey } from 'nestjs-oauth-client';
import { NEVER } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { FaultyStore } from '../support/faulty-store.js';
import { PlainStore } from '../support/plain-store.js';
import { call, calls, nextEvent, RenewalBench } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

describe('the near cache', () => {
  it('asks the store no more while the change feed is connected', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    bench.clock.advance(31);
    await call(session);
    const reads = store.count('get');
    bench.clock.advance(600);
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(store.count('get')).toBe(reads);
  });

  it('reads everything again when a lost feed is connected again', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    bench.clock.advance(31);
    await call(session);
    store.loseFeed();
    const foreign = bench.issueSet();
    await store.shared.set(KEY, foreign.toRecord());
    expect(await session.accessToken()).not.toBe(foreign.accessToken);
    const subscriptions = store.subscriptions;
    store.recover();
    await vi.waitFor(() => expect(store.subscriptions).toBeGreaterThan(subscriptions));
    expect(await session.accessToken()).toBe(foreign.accessToken);
  });

  it('does not rely on a feed that may still be connecting', async () => {
    const store = new FaultyStore(new UnheardStore());
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    await call(session);
    const foreign = bench.issueSet();
    await store.shared.set(KEY, foreign.toRecord());
    bench.clock.advance(31);
    expect(await session.accessToken()).toBe(foreign.accessToken);
  });

  it('reads a token again once it is too old, once for all callers, without a feed', async () => {
    const store = new PlainStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user({}, { cache: { maxAgeSeconds: 10 } });
    await call(session);
    const reads = store.reads;
    bench.clock.advance(9);
    await calls(session, 10);
    expect(store.reads).toBe(reads);
    bench.clock.advance(2);
    await calls(session, 10);
    expect(store.reads).toBe(reads + 1);
  });

  it('reads the store at every call when it is switched off', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user({}, { cache: false });
    const reads = store.count('get');
    await call(session);
    await call(session);
    expect(store.count('get')).toBe(reads + 2);
    bench.expire();
    expect(await calls(session, 20)).toEqual({ 200: 20 });
    expect(bench.tokenRequests).toBe(1);
  });

  it('forgets at once what was cleared while it was being read', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const read = session.token();
    await session.clearToken();
    await read;
    expect(await session.token()).toBeUndefined();
    const refused = nextEvent(session, 'stored');
    await session.setToken(bench.issue());
    expect((await refused).subject).toBe('alice');
  });
});

/** Has a feed that says nothing, as one that is not connected yet. */
class UnheardStore extends MemoryTokenStore {
  override readonly changes$ = NEVER;
}
