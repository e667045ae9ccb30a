import {
  AuthorizationRequiredError,
  ConfigurationError,
  TokenEndpointError,
  TokenSet,
  type TokenKey,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { call, calls, expiredUser, recordEvents, RenewalBench } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

describe('a grant that has ended', () => {
  it('is deleted with its variants, and named to those who wait', async () => {
    const { bench, session, refreshToken } = await expiredUser();
    const variant = session.with({ scope: [] });
    await bench.store.set(
      { ...KEY, variant: JSON.stringify([[], null, null]) },
      TokenSet.from({ access_token: 'of the variant', expires_in: 9_999_999 }).toRecord(),
    );
    expect(await variant.token()).toBeDefined();
    const events = recordEvents(session);
    bench.server.revokeFamily(refreshToken);
    const errors = await Promise.all(
      Array.from({ length: 10 }, () => failure(call(session), AuthorizationRequiredError)),
    );
    expect(new Set(errors.map(({ reason }) => reason))).toEqual(new Set(['grant_revoked']));
    expect(events).toMatchObject([{ type: 'reauthorization_required', reason: 'grant_revoked' }]);
    expect(await bench.store.get(KEY)).toBeUndefined();
    expect(await variant.token()).toBeUndefined();
    expect(bench.tokenRequests).toBe(1);
    expect((await failure(call(session), AuthorizationRequiredError)).reason).toBe('no_token');
    expect(bench.tokenRequests).toBe(1);
  });

  it('is not what it looks like when somebody else has renewed it meanwhile', async () => {
    const { bench, session, refreshToken } = await expiredUser();
    const held = bench.server.next('token').hold();
    const answer = call(session);
    await held.arrived;
    const theirs = bench.issueSet();
    await bench.store.set(KEY, theirs.toRecord());
    bench.server.revokeFamily(refreshToken);
    held.release();
    expect(await answer).toBe(200);
    expect((await session.token())?.version).toBe(theirs.version);
  });

  it.each(['invalid_request', 'invalid_client', 'something_new', 'unauthorized_client'])(
    'is not what %s means: the token stays',
    async (code) => {
      const { bench, session } = await expiredUser();
      bench.server.next('token').respondJson(400, { error: code, error_description: 'Why not' });
      const error = await failure(call(session), TokenEndpointError);
      expect(error).toMatchObject({ error: code, errorDescription: 'Why not', status: 400 });
      expect(await session.token()).toBeDefined();
      expect(await call(session)).toBe(200);
    },
  );

  it('is what a code means that the client is configured with', async () => {
    const { bench, session } = await expiredUser({}, { deadGrantErrors: ['invalid_code'] });
    bench.server.next('token').respondJson(400, { error: 'invalid_code' });
    await failure(call(session), AuthorizationRequiredError);
    expect(await session.token()).toBeUndefined();
  });
});

describe('a machine that is refused', () => {
  it('asks no more for 30 seconds', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine({ clientSecret: 'wrong' });
    expect((await failure(call(session), TokenEndpointError)).error).toBe('invalid_client');
    const resting = await failure(call(session), TokenEndpointError);
    expect(resting).toMatchObject({ error: 'invalid_client', retryAfter: 30 });
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(31);
    await failure(call(session), TokenEndpointError);
    expect(bench.tokenRequests).toBe(2);
  });

  it('asks again as soon as its secret has changed', async () => {
    const bench = await RenewalBench.start();
    let secret = 'wrong';
    const session = await bench.machine({ clientSecret: async () => secret });
    await failure(call(session), TokenEndpointError);
    await failure(call(session), TokenEndpointError);
    secret = 'secret';
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('goes on with its other tokens where one scope is refused', async () => {
    const bench = await RenewalBench.start({
      clients: [{ clientId: 'client', clientSecret: 'secret', scope: ['read'] }],
    });
    const session = await bench.machine({ scope: ['read'] });
    const greedy = session.with({ scope: ['admin'] });
    expect((await failure(call(greedy), TokenEndpointError)).error).toBe('invalid_scope');
    await failure(call(greedy), TokenEndpointError);
    expect(bench.tokenRequests).toBe(1);
    expect(await call(session)).toBe(200);
  });
});

describe('a token that is still valid', () => {
  it('goes on being used while renewals fail, and they are tried now and then', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.clock.advance(3600 - 30);
    bench.server.always('token').respondJson(400, { error: 'temporarily_odd' });
    expect(await calls(session, 20)).toEqual({ 200: 20 });
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(6);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
    bench.clock.advance(25);
    await failure(call(session), TokenEndpointError);
  });

  it('is used to its end where there is no refresh token', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: { refreshToken: false } });
    bench.clock.advance(3600 - 5);
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    bench.clock.advance(6);
    const error = await failure(call(session), AuthorizationRequiredError);
    expect(error.reason).toBe('not_renewable');
  });

  it.each([
    ['fails', () => Promise.reject(new Error('the vault is sealed: top-secret'))],
    ['never ends', () => new Promise<string>(() => undefined)],
  ])('is used while the function that gives the secret %s', async (_what, clientSecret) => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ clientSecret, refresh: { timeoutMs: 100 } });
    bench.clock.advance(3600 - 30);
    expect(await call(session)).toBe(200);
    bench.clock.advance(60);
    const error = await failure(call(session), ConfigurationError);
    expect(error.message).toContain('clientSecret');
  });
});
