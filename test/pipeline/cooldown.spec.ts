import { TokenEndpointError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { PlainStore } from '../support/plain-store.js';
import { call, recordEvents, RenewalBench } from '../support/renewal-bench.js';

describe('a token endpoint that fails', () => {
  it('is left alone after three answers of 5xx in a row, and calls are told for how long', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const events = recordEvents(session);
    bench.server.always('token').respond(503);
    for (let round = 0; round < 3; round += 1) await failure(call(session), TokenEndpointError);
    const asked = bench.tokenRequests;
    const error = await failure(call(session), TokenEndpointError);
    expect(error).toMatchObject({ status: 503, retryAfter: 5 });
    expect(error.message).toContain('The next try is made in 5 s.');
    expect(bench.tokenRequests).toBe(asked);
    expect(events.filter(({ type }) => type.startsWith('cooldown'))).toMatchObject([
      { type: 'cooldown_began', client: 'client', retryAfter: 5 },
    ]);
  });

  it('is asked again afterwards, and rests twice as long when it fails again', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const events = recordEvents(session);
    bench.server.always('token').respond(503);
    for (let round = 0; round < 3; round += 1) await failure(call(session), TokenEndpointError);
    bench.clock.advance(5);
    await failure(call(session), TokenEndpointError);
    expect((await failure(call(session), TokenEndpointError)).retryAfter).toBe(10);
    bench.clock.advance(10);
    bench.server.reset('token');
    expect(await call(session)).toBe(200);
    expect(events.map(({ type }) => type).filter((type) => type.startsWith('cooldown'))).toEqual([
      'cooldown_began',
      'cooldown_ended',
      'cooldown_began',
      'cooldown_ended',
    ]);
    bench.expire();
    bench.server.next('token').respond(503).times(2);
    await failure(call(session), TokenEndpointError);
    expect(await call(session)).toBe(200);
  });

  it('does not keep a replica from the token that another one has renewed', async () => {
    const bench = await RenewalBench.start({}, new PlainStore());
    const resting = await bench.user();
    const another = await bench.user({}, { token: false });
    await call(resting);
    bench.expire();
    bench.server.always('token').respond(503);
    for (let round = 0; round < 3; round += 1) await failure(call(resting), TokenEndpointError);
    bench.server.reset('token');
    expect(await call(another)).toBe(200);
    const asked = bench.tokenRequests;
    expect(await call(resting)).toBe(200);
    expect(bench.tokenRequests).toBe(asked);
  });

  it('does not hold up calls with a valid token', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    await call(session);
    bench.clock.advance(3600 - 30);
    bench.server.always('token').respond(503);
    for (let round = 0; round < 5; round += 1) {
      expect(await call(session)).toBe(200);
      bench.clock.advance(5.5);
    }
  });

  it('is left alone as long as it asked for, though a request from before succeeds', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const held = bench.server.next('token').hold();
    const first = call(session);
    await held.arrived;
    bench.server.next('token').respond(429, { 'Retry-After': '60' });
    await failure(call(session.with({ resource: ['https://a.example'] })), TokenEndpointError);
    held.release();
    expect(await first).toBe(200);
    const later = call(session.with({ resource: ['https://b.example'] }));
    expect((await failure(later, TokenEndpointError)).retryAfter).toBe(60);
  });

  it('has not failed in a row where it answered in between', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.always('token').respond(503);
    for (let round = 0; round < 2; round += 1) {
      await failure(session.refreshToken(), TokenEndpointError);
    }
    bench.server.next('token').respond(400, {}, '{"error":"invalid_request"}');
    await failure(session.refreshToken(), TokenEndpointError);
    const error = await failure(session.refreshToken(), TokenEndpointError);
    expect(error.retryAfter).toBeUndefined();
    expect((await failure(session.refreshToken(), TokenEndpointError)).retryAfter).toBeUndefined();
  });

  it('is asked for as long as it says, and no longer than ten minutes', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    bench.server.next('token').respond(429, { 'Retry-After': '86400' });
    await failure(call(session), TokenEndpointError);
    expect((await failure(call(session), TokenEndpointError)).retryAfter).toBe(600);
    bench.clock.advance(600);
    expect(await call(session)).toBe(200);
  });

  it('is not left alone after failures where cooldown is off, or set otherwise', async () => {
    const bench = await RenewalBench.start();
    const never = await bench.machine({ refresh: { cooldown: false } });
    bench.server.always('token').respond(503);
    for (let round = 0; round < 5; round += 1) await failure(call(never), TokenEndpointError);
    const asked = bench.tokenRequests;
    expect((await failure(call(never), TokenEndpointError)).retryAfter).toBeUndefined();
    expect(bench.tokenRequests).toBeGreaterThan(asked);
    const cooldown = { afterFailures: 1, seconds: 30, maxSeconds: 40 };
    const often = await bench.machine({ refresh: { cooldown } });
    await failure(call(often), TokenEndpointError);
    expect((await failure(call(often), TokenEndpointError)).retryAfter).toBe(30);
    bench.clock.advance(30);
    await failure(call(often), TokenEndpointError);
    expect((await failure(call(often), TokenEndpointError)).retryAfter).toBe(40);
  });
});
