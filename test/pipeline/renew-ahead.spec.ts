import { describe, expect, it } from 'vitest';
import { call, nextEvent, RenewalBench } from '../support/renewal-bench.js';

const refresh = { aheadSeconds: 600 };

describe('aheadSeconds', () => {
  it('renews a token in the background before it ends, while calls go on with it', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh });
    const before = (await session.token())!.accessToken;
    await call(session);
    bench.clock.advance(3600 - 601);
    await call(session);
    expect(bench.tokenRequests).toBe(0);
    // By the middle between there and the leeway, every token is due.
    bench.clock.advance(300);
    const held = bench.server.next('token').hold();
    expect(await call(session)).toBe(200);
    await held.arrived;
    expect(await call(session)).toBe(200);
    const carried = bench.server.journal
      .requests('api')
      .map(({ headers }) => headers.authorization);
    expect(new Set(carried)).toEqual(new Set([`Bearer ${before}`]));
    const refreshed = nextEvent(session, 'refreshed');
    held.release();
    await refreshed;
    expect(await call(session)).toBe(200);
    expect((await session.token())!.accessToken).not.toBe(before);
    expect(bench.tokenRequests).toBe(1);
  });

  it('renews once, whoever uses the token', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh });
    await call(session);
    bench.clock.advance(3600 - 300);
    const refreshed = nextEvent(session, 'refreshed');
    await Promise.all(Array.from({ length: 50 }, () => call(session)));
    await refreshed;
    expect(bench.tokenRequests).toBe(1);
  });

  it('is renewed by one of several replicas', async () => {
    const bench = await RenewalBench.start();
    const first = await bench.user({ refresh });
    const second = await bench.user({ refresh }, { token: false });
    await Promise.all([call(first), call(second)]);
    bench.clock.advance(3600 - 300);
    const held = bench.server.next('token').hold();
    await Promise.all([call(first), call(second)]);
    await held.arrived;
    const refreshed = Promise.race([nextEvent(first, 'refreshed'), nextEvent(second, 'refreshed')]);
    held.release();
    await refreshed;
    await Promise.all([call(first), call(second)]);
    expect(bench.tokenRequests).toBe(1);
    expect((await second.token())!.version).toBe((await first.token())!.version);
  });

  it('goes on with the token when the renewal fails, and tries again later', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh });
    await call(session);
    bench.clock.advance(3600 - 300);
    bench.server.next('token').respond(400, {}, '{"error":"invalid_request"}');
    const failed = nextEvent(session, 'refresh_failed');
    expect(await call(session)).toBe(200);
    await failed;
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(11);
    const refreshed = nextEvent(session, 'refreshed');
    expect(await call(session)).toBe(200);
    await refreshed;
    expect(bench.tokenRequests).toBe(2);
  });

  it('does not ask at every call after a failure, without a near cache either', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh }, { cache: false });
    bench.clock.advance(3600 - 300);
    bench.server.always('token').respond(400, {}, '{"error":"invalid_request"}');
    const failed = nextEvent(session, 'refresh_failed');
    expect(await call(session)).toBe(200);
    await failed;
    for (let round = 0; round < 10; round += 1) expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('leaves a token alone whose end is not known, and half of a short life', async () => {
    const bench = await RenewalBench.start({ accessTokenSeconds: 100 });
    const session = await bench.user({ refresh });
    await call(session);
    bench.clock.advance(49);
    await call(session);
    expect(bench.tokenRequests).toBe(0);
    const { expires_in: _none, ...endless } = bench.issue();
    await session.setToken(endless);
    bench.clock.advance(90);
    await call(session);
    expect(bench.tokenRequests).toBe(0);
  });
});
