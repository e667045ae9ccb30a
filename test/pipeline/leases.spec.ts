import { LeaseTimeoutError, type OAuthSession, type TokenKey } from 'nestjs-oauth-client';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../support/failure.js';
import { PlainStore } from '../support/plain-store.js';
import { call, calls, recordEvents, RenewalBench } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

/** Two applications with one store, and a token that has expired. */
async function twoApplications(
  server: Parameters<typeof RenewalBench.start>[0] = {},
): Promise<{ bench: RenewalBench; one: OAuthSession; other: OAuthSession }> {
  const bench = await RenewalBench.start(server);
  const one = await bench.user();
  const other = await bench.user({}, { token: false });
  bench.expire();
  return { bench, one, other };
}

describe('two applications with one store', () => {
  it('make one token request for 2 × 50 calls on an expired token', async () => {
    const { bench, one, other } = await twoApplications();
    const statuses = await Promise.all([calls(one, 50), calls(other, 50)]);
    expect(statuses).toEqual([{ 200: 50 }, { 200: 50 }]);
    expect(bench.tokenRequests).toBe(1);
  });

  it('do not wait for each other while the token is still valid', async () => {
    const bench = await RenewalBench.start();
    const one = await bench.user();
    const other = await bench.user({}, { token: false });
    bench.clock.advance(3600 - 30);
    const held = bench.server.next('token').hold();
    const renewing = call(one);
    await held.arrived;
    const startedAt = performance.now();
    expect(await call(other)).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    held.release();
    expect(await renewing).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('wait for each other no longer than their patience', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh: { timeoutMs: 200 } });
    bench.expire();
    await bench.store.acquireLease!(KEY, 60_000);
    const error = await failure(call(session), LeaseTimeoutError);
    expect(error.message).toContain('200 ms');
    expect(bench.tokenRequests).toBe(0);
  });

  it('take turns when one of them has died in the middle of a renewal', async () => {
    const { bench, one } = await twoApplications();
    const dead = await bench.store.acquireLease!(KEY, 50);
    const startedAt = performance.now();
    expect(await calls(one, 10)).toEqual({ 200: 10 });
    expect(performance.now() - startedAt).toBeGreaterThan(450);
    expect(bench.tokenRequests).toBe(1);
    expect(await dead!.commit(dead!.record)).toBe(false);
  });

  it('adopt what a slow one commits after its lease has lapsed', async () => {
    const { bench, one } = await twoApplications();
    const slow = (await bench.store.acquireLease!(KEY, 20))!;
    const events = recordEvents(one);
    const answer = call(one);
    const next = bench.issueSet();
    await vi.waitFor(async () => expect(await slow.renew(1)).toBe(false));
    expect(await slow.commit(next.toRecord())).toBe(true);
    expect(await answer).toBe(200);
    expect(bench.tokenRequests).toBe(0);
    expect((await one.token())?.version).toBe(next.version);
    expect(events).toEqual([]);
  });

  it('see at once what the other one sets or clears', async () => {
    const { bench, one, other } = await twoApplications();
    const token = await one.setToken(bench.issue());
    expect(await other.accessToken()).toBe(token.accessToken);
    await one.clearToken();
    expect(await other.token()).toBeUndefined();
  });

  it('keep a lease alive for as long as the server takes', { timeout: 20_000 }, async () => {
    const { bench, one, other } = await twoApplications();
    const held = bench.server.next('token').hold();
    const answers = [call(one), call(other)];
    await held.arrived;
    const control = { ...KEY, subject: 'control' };
    await bench.store.acquireLease!(control, 7_000);
    await vi.waitFor(
      async () => expect(await bench.store.acquireLease!(control, 1)).toBeDefined(),
      { timeout: 15_000, interval: 50 },
    );
    held.release();
    expect(await Promise.all(answers)).toEqual([200, 200]);
    expect(bench.tokenRequests).toBe(1);
  });
});

describe('a store without leases', () => {
  it('serves one process, with one token request for 100 calls', async () => {
    const bench = await RenewalBench.start({}, new PlainStore());
    const session = await bench.user();
    bench.expire();
    expect(await calls(session, 100)).toEqual({ 200: 100 });
    bench.expire();
    expect(await calls(session, 100)).toEqual({ 200: 100 });
    expect(bench.tokenRequests).toBe(2);
  });

  it('leaves a reconnect and a disconnect during a renewal as they are', async () => {
    const bench = await RenewalBench.start({}, new PlainStore());
    const session = await bench.user();
    bench.expire();
    const held = bench.server.next('token').holdAnswer();
    const answer = session.accessToken();
    await held.arrived;
    const { accessToken } = await session.setToken(bench.issue());
    held.release();
    expect(await answer).toBe(accessToken);
    const machine = await bench.machine();
    const fetching = bench.server.next('token').holdAnswer();
    const fetched = call(machine);
    await fetching.arrived;
    await machine.clearToken();
    fetching.release();
    expect(await fetched).toBe(200);
    expect(bench.server.journal.tokenRequests('client_credentials')).toHaveLength(2);
  });

  it('goes on after a failure, and after a dead grant', async () => {
    const bench = await RenewalBench.start({}, new PlainStore());
    const session = await bench.user();
    bench.expire();
    bench.server.next('token').respond(500).times(2);
    await failure(call(session), Error);
    expect(await call(session)).toBe(200);
    bench.server.revokeFamily('alice');
    bench.expire();
    await failure(call(session), Error);
    await session.setToken(bench.issue());
    bench.expire();
    expect(await call(session)).toBe(200);
  });

  it('goes on after somebody has changed a token behind our back', async () => {
    const store = new PlainStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    const old = (await session.token())!.refreshToken!;
    bench.expire();
    const held = bench.server.next('token').hold();
    const answer = call(session);
    await held.arrived;
    const theirs = bench.issueSet({ expires_in: -5 });
    await store.set(KEY, theirs.toRecord());
    bench.server.revokeFamily(old);
    held.release();
    expect(await answer).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });
});
