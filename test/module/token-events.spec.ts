import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
  TokenEndpointError,
  TokenStoreError,
  type OAuthSession,
  type TokenEvent,
} from 'nestjs-oauth-client';
import { filter, map } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { startServer } from '../support/application.js';
import { DeviceBench } from '../support/device-bench.js';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';
import { leaks } from '../support/leaks.js';
import { call, calls, expiredUser, recordEvents, RenewalBench } from '../support/renewal-bench.js';
import { bootExtended, connect } from '../compliance/bench.js';

const FIGURES = {
  durationMs: expect.any(Number) as number,
  attempts: 1,
  expiresAt: expect.any(Number) as number,
  fingerprint: expect.stringMatching(/^[\w-]{8}$/) as string,
};
const WHO = { client: 'client', subject: 'alice', at: expect.any(Number) as number };
const REVOCATION = { durationMs: FIGURES.durationMs, fingerprint: FIGURES.fingerprint };
const types = (events: TokenEvent[]) => events.map(({ type }) => type);

/** A user whose token is stored, and what happens from now on. */
async function storedUser(): Promise<{
  bench: RenewalBench;
  session: OAuthSession;
  events: TokenEvent[];
}> {
  const bench = await RenewalBench.start();
  const session = await bench.user();
  return { bench, session, events: recordEvents(session) };
}

describe('the events of tokens', () => {
  it('tell of a code exchange, with all that is known of it', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: false });
    const events = recordEvents(session);
    const token = await connect(session, bench.server);
    expect(events).toEqual([{ ...WHO, ...FIGURES, type: 'fetched' }]);
    expect(events[0]!.fingerprint).toBe(token.fingerprint);
  });

  it('tell of an exchange that failed, for good or not', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ grant: 'password' }, { token: false });
    const events = recordEvents(session);
    bench.server.next('token').respondJson(400, { error: 'invalid_grant' });
    const asked = { username: 'alice', password: 'wrong' };
    await failure(session.fetchToken(asked), TokenEndpointError);
    bench.server.next('token').respond(503).times(2);
    await failure(session.fetchToken(asked), TokenEndpointError);
    expect(events).toMatchObject([
      { type: 'fetch_failed', error: 'invalid_grant', final: true, attempts: 1 },
      { type: 'fetch_failed', error: '503', final: false },
    ]);
  });

  it('tell of a device code that brought a token, and of one that was refused', async () => {
    const device = await DeviceBench.start();
    const events = recordEvents(device.alice);
    const first = await device.begin();
    device.server.approveDevice(first.pending.userCode, 'alice');
    await device.passAndAsk(5);
    await first.end;
    const second = await device.begin();
    await device.passAndAsk(5);
    device.server.denyDevice(second.pending.userCode);
    await device.passAndAsk(5);
    await failure(second.end, AuthorizationResponseError);
    expect(events).toMatchObject([
      { type: 'fetched', attempts: 1, durationMs: FIGURES.durationMs },
      { type: 'fetch_failed', error: 'access_denied', final: true, subject: 'alice' },
    ]);
  });

  it('tell of one renewal once, however many wait for it, here and elsewhere', async () => {
    const { bench, session, events } = await storedUser();
    const elsewhere = await bench.user({}, { token: false });
    const heardThere = recordEvents(elsewhere);
    bench.expire();
    await Promise.all([calls(session, 20), calls(elsewhere, 20)]);
    const all = [...events, ...heardThere];
    expect(all).toEqual([expect.objectContaining({ ...FIGURES, type: 'refreshed' })]);
  });

  it('tell of a renewal that failed when the next try is made, where the client rests', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const events = recordEvents(session);
    bench.server.next('token').respond(429, { 'Retry-After': '30' });
    await failure(call(session), TokenEndpointError);
    bench.clock.advance(31);
    bench.server.next('token').respondJson(401, { error: 'invalid_client' });
    await failure(call(session), TokenEndpointError);
    await failure(call(session), TokenEndpointError);
    expect(events).toMatchObject([
      { type: 'cooldown_began', retryAfter: 30, error: '429' },
      { type: 'refresh_failed', final: false, retryAfter: 30 },
      { type: 'cooldown_ended', durationMs: FIGURES.durationMs },
      { type: 'refresh_failed', final: true, retryAfter: 30, error: 'invalid_client' },
    ]);
  });

  it('tell of a renewal that the store held up', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user({}, { cache: false });
    const events = recordEvents(session);
    bench.expire();
    store.fail('lease');
    await failure(call(session), TokenStoreError);
    expect(events).toMatchObject([
      { type: 'refresh_failed', error: 'token_store', final: false, attempts: 0 },
    ]);
  });

  it('tell of a dead grant once, with its token, though another process finds it out, too', async () => {
    const { bench, session } = await expiredUser();
    const elsewhere = await bench.user({}, { token: false });
    const events = [recordEvents(session), recordEvents(elsewhere)];
    const { fingerprint } = (await session.token())!;
    bench.server.revokeFamily('alice');
    await failure(call(session), AuthorizationRequiredError);
    await failure(call(elsewhere), AuthorizationRequiredError);
    const about = { ...FIGURES, fingerprint, error: 'invalid_grant', reason: 'grant_revoked' };
    expect(events.flat()).toEqual([
      expect.objectContaining({ ...about, type: 'reauthorization_required' }),
    ]);
  });

  it('tell once of a token that has ended and cannot be renewed, and not before', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: false });
    const { access_token, expires_in } = bench.issue();
    await session.setToken({ access_token, expires_in: expires_in! });
    const events = recordEvents(session);
    await failure(session.refreshToken(), AuthorizationRequiredError);
    expect(events).toEqual([]);
    bench.expire();
    await failure(call(session), AuthorizationRequiredError);
    await failure(call(session), AuthorizationRequiredError);
    expect(events).toMatchObject([{ type: 'reauthorization_required', reason: 'not_renewable' }]);
  });

  it('tell whose variant was renewed', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: { scope: 'read mail' } });
    const events = recordEvents(session);
    await session.with({ scope: ['mail'] }).accessToken();
    expect(events).toEqual([
      expect.objectContaining({ type: 'refreshed', variant: expect.any(String) as string }),
    ]);
  });

  it('tell what was revoked, and what was not', async () => {
    const { bench, session, events } = await storedUser();
    const { accessToken } = (await session.token())!;
    await session.revokeToken({ token: accessToken, hint: 'access_token' });
    await session.revokeToken({ token: 'any' });
    await session.revokeToken();
    bench.server.always('revocation').respond(503);
    await failure(session.revokeToken({ token: 'any' }), TokenEndpointError);
    const both = ['refresh_token', 'access_token'];
    expect(events.filter(({ type }) => type !== 'cleared')).toEqual([
      { ...WHO, ...REVOCATION, type: 'revoked', tokenTypes: ['access_token'] },
      { ...WHO, ...REVOCATION, type: 'revoked' },
      { ...WHO, ...REVOCATION, type: 'revoked', tokenTypes: both },
      { ...WHO, ...REVOCATION, type: 'revocation_failed', error: '503' },
    ]);
    expect(events.find(({ type }) => type === 'cleared')).toMatchObject({
      fingerprint: FIGURES.fingerprint,
      expiresAt: FIGURES.expiresAt,
    });
  });

  it('tell of both where one token was revoked and the other was not', async () => {
    const { bench, session, events } = await storedUser();
    bench.server.next('revocation').respond(200);
    bench.server.always('revocation').respond(503);
    await failure(session.revokeToken(), TokenEndpointError);
    expect(events.slice(1)).toMatchObject([
      { type: 'revoked', tokenTypes: ['refresh_token'] },
      { type: 'revocation_failed', tokenTypes: ['access_token'] },
    ]);
  });

  it('hold no secret, and cannot be changed by who hears of them', async () => {
    const { bench, session, events } = await storedUser();
    const before = (await session.token())!;
    await session.refreshToken();
    bench.server.next('token').respondJson(400, { error: before.refreshToken! });
    await failure(session.refreshToken(), TokenEndpointError);
    await session.revokeToken();
    const { accessToken, refreshToken = '' } = before;
    expect(leaks(events, { accessToken, refreshToken, secret: 'secret' })).toEqual([]);
    expect(events.every((event) => Object.isFrozen(event))).toBe(true);
    expect(types(events)).toEqual(['refreshed', 'refresh_failed', 'cleared', 'revoked']);
  });
});

describe('an observer of events$', () => {
  it('breaks neither the renewal nor another observer when it throws, also behind operators', async () => {
    const uncaught = vi.fn<() => void>();
    process.on('uncaughtException', uncaught);
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const fail = () => {
      throw new Error('observer');
    };
    session.events$.subscribe(fail);
    session.events$.pipe(filter(() => true)).subscribe({ next: fail, complete: fail });
    session.events$.pipe(map(fail)).subscribe();
    const events = recordEvents(session);
    await session.refreshToken();
    await session.refreshToken();
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
    expect(types(events)).toEqual(['refreshed', 'refreshed']);
  });

  it('may ask for the very token that it hears of', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ grant: 'password' }, { token: false });
    const asked: Promise<string>[] = [];
    session.events$.subscribe(() => void asked.push(session.accessToken()));
    const token = await session.fetchToken({ username: 'alice', password: 'x' });
    expect(await Promise.all(asked)).toEqual([token.accessToken]);
  });
});

it('the stream of events ends with the application', async () => {
  const server = await startServer();
  const { application, session } = await bootExtended(server, []);
  const ended = vi.fn<() => void>();
  session.events$.subscribe({ complete: ended });
  await application.close();
  expect(ended).toHaveBeenCalledOnce();
});
