import { TokenStoreError, type TokenKey } from 'nestjs-oauth-client';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';
import { carriedTokens } from './fixtures-state.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

const start = async () => {
  const store = new FaultyStore();
  return { store, bench: await RenewalBench.start({}, store) };
};

describe('acceptance: store outage', () => {
  it('97: calls that hold a valid token go on', async () => {
    const { store, bench } = await start();
    const session = await bench.user();
    const token = await session.accessToken();
    store.fail();
    store.loseFeed();
    bench.clock.advance(600);
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(new Set(carriedTokens(bench.server))).toEqual(new Set([token]));
    expect(bench.tokenRequests).toBe(0);
  });

  it("97: a user's renewal fails with a typed error before anything is spent or sent", async () => {
    const { store, bench } = await start();
    const session = await bench.user();
    bench.expire();
    store.fail();
    const error = await failure(call(session), TokenStoreError);
    expect(error).toMatchObject({ code: 'token_store', client: 'client', subject: 'alice' });
    expect(bench.server.journal.count()).toBe(0);
  });

  it('97: the failure is not cached: the first call after the outage renews and goes on', async () => {
    const { store, bench } = await start();
    const session = await bench.user();
    bench.expire();
    store.fail();
    await failure(call(session), TokenStoreError);
    store.recover();
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('97: a user who has connected during the outage elsewhere is known right after it', async () => {
    const { store, bench } = await start();
    const session = await bench.user({}, { token: false });
    store.fail();
    await failure(call(session), TokenStoreError);
    const elsewhere = bench.issueSet();
    await store.shared.set(KEY, elsewhere.toRecord());
    store.recover();
    expect(await call(session)).toBe(200);
    expect(carriedTokens(bench.server)).toEqual([elsewhere.accessToken]);
  });

  it('97: a machine goes on in memory, and does not ask for a token at every call', async () => {
    const { store, bench } = await start();
    const session = await bench.machine();
    store.fail();
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('97: a rotated token is used although the store is down, and written when it is back', async () => {
    const { store, bench } = await start();
    const session = await bench.user();
    bench.expire();
    const held = bench.server.next('token').holdAnswer();
    const answer = call(session);
    await held.arrived;
    store.fail();
    held.release();
    expect(await answer).toBe(200);
    const { accessToken, refreshToken } = (await session.token())!;
    expect(carriedTokens(bench.server)).toEqual([accessToken]);
    store.recover();
    await vi.waitFor(async () => {
      expect((await store.shared.get(KEY))?.refreshToken).toBe(refreshToken);
    });
    expect(bench.server.isLive(refreshToken!)).toBe(true);
    expect(bench.tokenRequests).toBe(1);
  });
});
