import { AuthorizationRequiredError, type TokenKey } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { call, calls, nextEvent, recordEvents, RenewalBench } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

describe('a renewal that somebody overtakes', () => {
  it('leaves a reconnect as it is, revokes what it got, and answers from the store', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const events = recordEvents(session);
    bench.expire();
    const held = bench.server.next('token').holdAnswer();
    const answer = session.accessToken();
    await held.arrived;
    const reconnected = await session.setToken(bench.issue());
    const revocation = bench.server.nextRequest('revocation');
    held.release();
    expect(await answer).toBe(reconnected.accessToken);
    expect((await bench.store.get(KEY))?.version).toBe(reconnected.version);
    const revoked = (await revocation).form.get('token')!;
    await bench.server.idle();
    expect(bench.server.isLive(revoked)).toBe(false);
    expect(bench.server.isLive(reconnected.refreshToken!)).toBe(true);
    await expect
      .poll(() => events.map(({ type }) => type))
      .toEqual(['stored', 'superseded', 'revoked']);
    expect(await call(session)).toBe(200);
  });

  it('leaves a disconnect a disconnect, and says so to those who wait', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.expire();
    const held = bench.server.next('token').holdAnswer();
    const answer = failure(call(session), AuthorizationRequiredError);
    await held.arrived;
    await session.clearToken();
    const revocation = bench.server.nextRequest('revocation');
    held.release();
    expect((await answer).reason).toBe('no_token');
    expect(await bench.store.get(KEY)).toBeUndefined();
    expect((await revocation).form.get('token_type_hint')).toBe('refresh_token');
    await failure(call(session), AuthorizationRequiredError);
  });

  it('begins anew where a machine token was cleared meanwhile', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const held = bench.server.next('token').holdAnswer();
    const answer = call(session);
    await held.arrived;
    await session.clearToken();
    held.release();
    expect(await answer).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('reports a revocation that failed, and fails nobody', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.always('revocation').respond(503);
    bench.expire();
    const held = bench.server.next('token').holdAnswer();
    const answer = session.accessToken();
    await held.arrived;
    const { accessToken } = await session.setToken(bench.issue());
    const failed = nextEvent(session, 'revocation_failed');
    held.release();
    expect(await answer).toBe(accessToken);
    expect((await failed).error).toBe('503');
  });

  it('ends a variant that was being renewed while its grant was cleared', async () => {
    const bench = await RenewalBench.start({ rotation: 'none' });
    const session = await bench.user({}, { token: { scope: 'read write' } });
    const variant = session.with({ scope: ['read'] });
    const held = bench.server.next('token').holdAnswer();
    const answer = failure(call(variant), AuthorizationRequiredError);
    await held.arrived;
    await session.clearToken();
    held.release();
    await answer;
    expect(await variant.token()).toBeUndefined();
    await failure(call(variant), AuthorizationRequiredError);
  });
});

describe('a variant of a token', () => {
  it('is renewed under its grant, which keeps the rotated refresh token', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: { scope: 'read write' } });
    const variant = session.with({ scope: ['read'] });
    const before = await session.token();
    expect(await calls(variant, 50)).toEqual({ 200: 50 });
    expect(bench.tokenRequests).toBe(1);
    const [grant, own] = [await session.token(), await variant.token()];
    expect(own?.refreshToken).toBeUndefined();
    expect(own?.scope).toEqual(['read']);
    expect(grant?.accessToken).toBe(before?.accessToken);
    expect(bench.server.isLive(grant!.refreshToken!)).toBe(true);
    bench.expire();
    expect(await Promise.all([call(session), call(variant)])).toEqual([200, 200]);
    expect(bench.tokenRequests).toBe(3);
  });

  it('ends with its grant when that is set or cleared', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: { scope: 'read write' } });
    const variant = session.with({ scope: ['read'] });
    for (const change of [
      () => session.setToken(bench.issue({ scope: 'read write' })),
      () => session.clearToken(),
    ]) {
      await call(variant);
      expect(await variant.token()).toBeDefined();
      await change();
      expect(await variant.token()).toBeUndefined();
    }
  });
});
