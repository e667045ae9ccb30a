import {
  MemoryTokenStore,
  TokenStoreError,
  type TokenKey,
  type TokenRecord,
} from 'nestjs-oauth-client';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';
import { call, calls, recordEvents, RenewalBench } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

/** How long a lease lasts unless it is renewed, in milliseconds. */
const LEASE_MS = 5_000;

describe('a store that is down', () => {
  it('fails no call that holds a valid token', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    await call(session);
    store.fail();
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    store.loseFeed();
    bench.clock.advance(31);
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    bench.clock.advance(3600 - 60);
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    bench.clock.advance(60);
    const error = await failure(call(session), TokenStoreError);
    expect(error).toMatchObject({ client: 'client', subject: 'alice' });
    expect(bench.tokenRequests).toBe(0);
    store.recover();
    expect(await call(session)).toBe(200);
  });

  it.each(['get', 'lease'] as const)("fails a user's renewal at %s, unspent", async (operation) => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user({}, { cache: false });
    bench.expire();
    store.fail(operation);
    await failure(call(session), TokenStoreError);
    expect(bench.tokenRequests).toBe(0);
    store.recover();
    expect(await call(session)).toBe(200);
  });

  it.each([{}, { cache: false }] as const)(
    'does not keep a machine from its token: %o',
    async (options) => {
      const store = new FaultyStore();
      const bench = await RenewalBench.start({}, store);
      const session = await bench.machine({}, options);
      store.fail();
      expect(await calls(session, 10)).toEqual({ 200: 10 });
      expect(await call(session)).toBe(200);
      expect(bench.tokenRequests).toBe(1);
      bench.expire();
      expect(await call(session)).toBe(200);
      expect(bench.tokenRequests).toBe(2);
      store.recover();
      bench.expire();
      expect(await call(session)).toBe(200);
      expect(await store.get({ client: 'client', subject: '' })).toBeDefined();
      expect(bench.tokenRequests).toBe(3);
    },
  );

  it('costs no rotated token: it is used, and written as soon as the store is back', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    bench.expire();
    const held = bench.server.next('token').holdAnswer();
    const answer = call(session);
    await held.arrived;
    store.fail();
    held.release();
    expect(await answer).toBe(200);
    const renewed = await session.token();
    expect((await store.shared.get(KEY))?.version).not.toBe(renewed?.version);
    expect(await call(session)).toBe(200);
    store.recover();
    await vi.waitFor(async () => {
      expect((await store.shared.get(KEY))?.version).toBe(renewed?.version);
    });
    bench.expire();
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('does not spend the former refresh token again when it comes back', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    const elsewhere = await bench.user({}, { token: false, store: new FaultyStore(store.shared) });
    bench.expire();
    store.fail('commit', 'renew');
    expect(await call(session)).toBe(200);
    const waiting = calls(elsewhere, 5);
    await vi.waitFor(() => expect(store.count('commit')).toBeGreaterThan(2));
    store.recover();
    expect(await waiting).toEqual({ 200: 5 });
    expect(bench.tokenRequests).toBe(1);
  });

  it('makes a commit that hangs again while the lease still holds', async () => {
    const store = new HangingCommits();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    const before = (await session.token())!.version;
    bench.expire();
    const startedAt = performance.now();
    expect(await call(session)).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(LEASE_MS);
    await vi.waitFor(async () => {
      const stored = await store.get({ client: 'client', subject: 'alice' });
      expect(stored!.version).not.toBe(before);
    });
    expect(bench.tokenRequests).toBe(1);
  });

  it('revokes nothing that it has taken, where only its answer was lost', async () => {
    const store = new LostAnswers();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    const events = recordEvents(session);
    bench.expire();
    store.loseNextAnswer();
    expect(await call(session)).toBe(200);
    await vi.waitFor(() => expect(store.commits).toBe(2));
    await bench.server.idle();
    expect(events.map(({ type }) => type)).toEqual(['refreshed']);
    expect(bench.server.journal.count('revocation')).toBe(0);
    expect(bench.server.isLive((await session.token())!.refreshToken!)).toBe(true);
  });

  it('forgets a token that it never took when that is cleared', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    bench.expire();
    store.fail('commit');
    expect(await call(session)).toBe(200);
    await session.clearToken();
    store.recover();
    expect(await session.token()).toBeUndefined();
    await failure(call(session), Error);
    expect(await store.shared.get(KEY)).toBeUndefined();
  });
});

describe('a damaged record', () => {
  const damaged = { format: 2, nonsense: true } as unknown as TokenRecord;

  it('is an error for a user, and nothing is spent on it', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    await bench.store.set(KEY, damaged);
    await failure(call(session), TokenStoreError);
    await failure(session.refreshToken(), TokenStoreError);
    expect(bench.tokenRequests).toBe(0);
    await session.setToken(bench.issue());
    expect(await call(session)).toBe(200);
  });

  it('is replaced for a machine', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    await bench.store.set({ client: 'client', subject: '' }, damaged);
    expect(await call(session)).toBe(200);
    expect(await session.token()).toBeDefined();
    expect(bench.tokenRequests).toBe(1);
  });
});

/** Never answers the first commit, as a driver that waits for its connection. */
class HangingCommits extends MemoryTokenStore {
  #commits = 0;

  override async acquireLease(key: TokenKey, ttlMs: number) {
    const lease = await super.acquireLease(key, ttlMs);
    if (!lease) return undefined;
    return {
      ...lease,
      commit: (next: TokenRecord | undefined) => {
        this.#commits += 1;
        return this.#commits === 1 ? new Promise<boolean>(() => undefined) : lease.commit(next);
      },
    };
  }
}

/** Commits, and may then lose the word of it. */
class LostAnswers extends MemoryTokenStore {
  #isNextLost = false;
  commits = 0;

  loseNextAnswer(): void {
    this.#isNextLost = true;
  }

  override async acquireLease(key: TokenKey, ttlMs: number) {
    const lease = await super.acquireLease(key, ttlMs);
    if (!lease) return undefined;
    return {
      ...lease,
      commit: async (next: TokenRecord | undefined) => {
        this.commits += 1;
        const committed = await lease.commit(next);
        if (!this.#isNextLost) return committed;
        this.#isNextLost = false;
        throw new Error('the connection broke');
      },
    };
  }
}
