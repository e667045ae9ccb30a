import { AsyncLocalStorage } from 'node:async_hooks';
import { MemoryTokenStore, type TokenKey, type TokenRecord } from 'nestjs-oauth-client';
import { describe, expect, it, vi } from 'vitest';
import { connectUser } from '../support/application.js';
import { call, calls, nextEvent, RenewalBench } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

describe('a renewal', () => {
  it('gets a machine a new token once the old one has expired', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    expect(await call(session)).toBe(200);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
    bench.expire();
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it("renews a user's token with the refresh token, and stores what it got", async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const before = await session.token();
    bench.expire();
    expect(await call(session)).toBe(200);
    const [request] = bench.server.journal.requests('token');
    expect(request?.form.get('grant_type')).toBe('refresh_token');
    expect(request?.form.get('refresh_token')).toBe(before?.refreshToken);
    const after = await bench.store.get(KEY);
    expect(after?.accessToken).not.toBe(before?.accessToken);
    expect(after?.refreshToken).not.toBe(before?.refreshToken);
    expect(bench.server.isLive(after!.refreshToken!)).toBe(true);
  });

  it('renews within the leeway, and not before', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.clock.advance(3600 - 65);
    await call(session);
    expect(bench.tokenRequests).toBe(0);
    bench.clock.advance(10);
    await call(session);
    expect(bench.tokenRequests).toBe(1);
  });

  it('uses a token of ten seconds for three quarters of them', async () => {
    const bench = await RenewalBench.start({ accessTokenSeconds: 10 });
    const session = await bench.machine();
    for (let second = 0; second < 7; second += 1) {
      expect(await call(session)).toBe(200);
      bench.clock.advance(1);
    }
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(1);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('uses a token that was just received, even one that has expired on arrival', async () => {
    const bench = await RenewalBench.start();
    bench.server.always('token').transformJson((json) => ({ ...json, expires_in: -1 }));
    const session = await bench.machine();
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(bench.tokenRequests).toBe(1);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it.each([100, 2_000])('makes one token request for %d calls at once', async (count) => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.expire();
    expect(await calls(session, count)).toEqual({ 200: count });
    expect(bench.tokenRequests).toBe(1);
  });

  it('makes one token request for the first 100 calls of a machine', async () => {
    const bench = await RenewalBench.start();
    expect(await calls(await bench.machine(), 100)).toEqual({ 200: 100 });
    expect(bench.tokenRequests).toBe(1);
  });

  it('makes one token request for each of many users', async () => {
    const bench = await RenewalBench.start();
    const client = await bench.user({ refresh: { concurrency: 3 } });
    const users = await Promise.all(
      Array.from({ length: 20 }, (_, index) => connectUser(client, bench.server, `user-${index}`)),
    );
    bench.expire();
    const statuses = await Promise.all(users.map((user) => calls(user, 5)));
    expect(statuses).toEqual(users.map(() => ({ 200: 5 })));
    expect(bench.tokenRequests).toBe(20);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['null', null],
  ])('keeps the refresh token when the answer brings %s', async (_what, refreshToken) => {
    const bench = await RenewalBench.start({ rotation: 'none' });
    const session = await bench.user();
    const before = await session.token();
    bench.expire();
    bench.server.next('token').transformJson((json) => ({ ...json, refresh_token: refreshToken }));
    await call(session);
    expect((await session.token())?.refreshToken).toBe(before?.refreshToken);
    bench.expire();
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('clears the end that it knew when the answer names none', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.expire();
    bench.server.next('token').transformJson((json) => ({ ...json, expires_in: undefined }));
    await call(session);
    expect((await session.token())?.expiresAt).toBeUndefined();
    await call(session);
    expect(bench.tokenRequests).toBe(1);
  });

  it('keeps the scope that was granted when the answer names none', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ scope: ['other'] }, { token: { scope: 'read write' } });
    bench.expire();
    bench.server.next('token').transformJson((json) => ({ ...json, scope: undefined }));
    await call(session);
    expect((await session.token())?.scope).toEqual(['read', 'write']);
  });

  it('leaves the stored token as it was when it fails', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const before = await bench.store.get(KEY);
    bench.expire();
    bench.server.always('token').respond(500);
    await expect(call(session)).rejects.toThrow('answered 500');
    expect(await bench.store.get(KEY)).toEqual(before);
  });

  it('goes on when the one who asked for it has left', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.expire();
    const held = bench.server.next('token').hold();
    const leaver = session.get('/things').subscribe();
    const aborted = new AbortController();
    const other = session.axiosRef.get('/things', { signal: aborted.signal }).catch(() => 'left');
    await held.arrived;
    leaver.unsubscribe();
    aborted.abort();
    expect(await other).toBe('left');
    const refreshed = nextEvent(session, 'refreshed');
    held.release();
    await refreshed;
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
    expect(bench.server.journal.apiCalls()).toHaveLength(1);
  });

  it("runs outside its caller's async context", async () => {
    const context = new AsyncLocalStorage<string>();
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const seen: unknown[] = [];
    session.registerComplianceHook('access_token_request', (request) => {
      seen.push(context.getStore());
      return request;
    });
    await context.run('the first caller', () => call(session));
    expect(seen).toEqual([undefined]);
  });

  it('runs so many at once, and serves the others in the order in which they came', async () => {
    const bench = await RenewalBench.start();
    const client = await bench.user({ refresh: { concurrency: 2 } });
    const subjects = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];
    const users = await Promise.all(
      subjects.map((subject) => connectUser(client, bench.server, subject)),
    );
    bench.expire();
    const held = bench.server.next('token').times(2).hold();
    const answers = users.map((user) => call(user));
    await held.arrivals(2);
    expect(bench.tokenRequests).toBe(2);
    held.release();
    expect(await Promise.all(answers)).toEqual(subjects.map(() => 200));
    const served = bench.server.journal.tokenRequests().map(({ subject }) => subject);
    expect(served).toHaveLength(6);
    expect(new Set(served.slice(0, 2))).toEqual(new Set(['u1', 'u2']));
    expect(new Set(served.slice(2, 4))).toEqual(new Set(['u3', 'u4']));
  });

  it('stores the token before anybody uses it', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const bench = await RenewalBench.start({}, new SlowCommits(gate));
    const session = await bench.user();
    bench.expire();
    const answer = call(session);
    await vi.waitFor(() => expect(bench.server.journal.tokenRequests()[0]?.delivered).toBe(true));
    await bench.server.idle();
    expect(bench.server.journal.apiCalls()).toHaveLength(0);
    release();
    expect(await answer).toBe(200);
  });
});

/** Takes its time with every commit: until a gate is opened. */
class SlowCommits extends MemoryTokenStore {
  constructor(private readonly gate: Promise<void>) {
    super();
  }

  override async acquireLease(key: TokenKey, ttlMs: number) {
    const lease = await super.acquireLease(key, ttlMs);
    return (
      lease && {
        ...lease,
        commit: async (next: TokenRecord | undefined) => {
          await this.gate;
          return lease.commit(next);
        },
      }
    );
  }
}
