import {
  AuthorizationRequiredError,
  ConfigurationError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeApiAnswer, FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootExtended } from '../compliance/bench.js';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { call, RenewalBench } from '../support/renewal-bench.js';
import {
  answerOf,
  basicOf,
  carriedTokens,
  giveExpiredToken,
  lastTokenForm,
  updaterOf,
  type Told,
} from './fixtures-state.js';

let server: FakeAuthorizationServer;
let told: Told[];
beforeEach(async () => {
  server = await startServer();
  told = [];
});

const expired = async (more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> => {
  const alice = (await bootClient(userClient(server, more))).for('alice');
  await giveExpiredToken(alice, server);
  return alice;
};

describe('acceptance: refresh', () => {
  it('43: port: an expired token without means of renewal is a typed error, and no call', async () => {
    const session = await bootClient(userClient(server));
    const { refresh_token: _none, ...given } = server.issueTokens({ subject: 'alice' });
    await session.for('alice').setToken({ ...given, expires_in: -10 });
    const error = await failure(answerOf(session.for('alice')), AuthorizationRequiredError);
    expect(error.reason).toBe('not_renewable');
    expect(error.message).toContain('expired');
    expect(server.journal.count()).toBe(0);
  });

  it('43: port: there is no refresh URL to forget: a client without a token endpoint is refused at boot', async () => {
    const { tokenEndpoint: _none, ...options } = userClient(server);
    const error = await failure(bootClient(options), ConfigurationError);
    expect(error.message).toContain('Neither issuer nor tokenEndpoint is set');
  });

  it('44: port: renewal needs no updater: the call goes on with the new token', async () => {
    const alice = await expired();
    const { refreshToken } = (await alice.token())!;
    const answer = await answerOf(alice);
    expect(answer).toMatchObject({ path: '/api/things', subject: 'alice' });
    expect(lastTokenForm(server).get('refresh_token')).toBe(refreshToken);
    expect(carriedTokens(server)).toEqual([(await alice.token())!.accessToken]);
  });

  it('45: port: @OnTokenUpdated is the updater: it has the token before the call goes on', async () => {
    const { alice } = await bootExtended(server, [updaterOf(server, told)]);
    await giveExpiredToken(alice, server);
    await answerOf(alice);
    expect(told.map(({ apiCalls }) => apiCalls)).toEqual([0]);
    expect(told[0]!.context).toMatchObject({ client: 'client', subject: 'alice' });
    expect(carriedTokens(server)).toEqual([told[0]!.token.accessToken]);
  });

  it('46: a renewal of a public client carries no Authorization header', async () => {
    server.register({ clientId: 'public' });
    const { clientSecret: _none, ...options } = userClient(server, { clientId: 'public' });
    const alice = (await bootClient(options)).for('alice');
    const token = server.issueTokens({ subject: 'alice', clientId: 'public' });
    await alice.setToken({ ...token, expires_in: -10 });
    await answerOf(alice);
    const [request] = server.journal.requests('token');
    expect(request!.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(request!.form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: token.refresh_token,
      client_id: 'public',
    });
  });

  it('46: port: a renewal is authenticated as configured: by default in the header', async () => {
    const alice = await expired();
    await answerOf(alice);
    const [request] = server.journal.requests('token');
    expect(basicOf(request!.headers.authorization)).toBe('client:secret');
    expect([...request!.form.keys()].sort()).toEqual(['grant_type', 'refresh_token']);
  });

  it('46: port: a renewal is authenticated as configured: in the form', async () => {
    const alice = await expired({ clientAuthentication: { method: 'client_secret_post' } });
    await answerOf(alice);
    const [request] = server.journal.requests('token');
    expect(request!.headers.authorization).toBeUndefined();
    expect(request!.form.get('client_id')).toBe('client');
    expect(request!.form.get('client_secret')).toBe('secret');
  });

  it('47: port: the credentials of the client go on the renewal alone, never to the API', async () => {
    const alice = await expired();
    const { data } = await firstValueFrom(alice.post<FakeApiAnswer>('/things', { a: 1 }));
    expect(basicOf(server.journal.requests('token')[0]!.headers.authorization)).toBe(
      'client:secret',
    );
    const [call] = server.journal.requests('api');
    expect(call!.headers.authorization).toMatch(/^Bearer /);
    expect([data.query, data.body]).toEqual([{}, { a: 1 }]);
    expect([call!.url, call!.body, call!.rawHeaders.join()].join()).not.toMatch(/secret/);
  });

  it('47: port: a secret that is given for one renewal is sent on that one alone', async () => {
    const alice = await expired();
    server.register({ clientId: 'client', clientSecret: 'rotated' });
    await alice.refreshToken({ clientSecret: 'rotated' });
    await answerOf(alice);
    const [request] = server.journal.requests('token');
    expect(basicOf(request!.headers.authorization)).toBe('client:rotated');
    expect(server.journal.count('token')).toBe(1);
    expect(carriedTokens(server)).toEqual([(await alice.token())!.accessToken]);
  });

  it.each(['-1', -1])(
    '48: expires_in %o counts as expired: the token serves once, and is renewed at the next call',
    async (expires_in) => {
      const bench = await RenewalBench.start();
      bench.server.always('token').transformJson((json) => ({ ...json, expires_in }));
      const session = await bench.machine();
      expect(await call(session)).toBe(200);
      const token = (await session.token())!;
      expect(token.expiresAt! - token.obtainedAt).toBe(-1);
      expect(await call(session)).toBe(200);
      expect(bench.tokenRequests).toBe(2);
    },
  );

  it.each([0, '0', '0.5', '', null, 'soon', '12 hours'])(
    '48: port (A5.1): expires_in %o says nothing: the token has no known end',
    async (expires_in) => {
      const bench = await RenewalBench.start({ accessTokenSeconds: 400 * 24 * 3600 });
      bench.server.always('token').transformJson((json) => ({ ...json, expires_in }));
      const session = await bench.machine();
      expect(await call(session)).toBe(200);
      bench.clock.advance(365 * 24 * 3600);
      expect(await call(session)).toBe(200);
      expect((await session.token())!.expiresAt).toBeUndefined();
      expect(bench.tokenRequests).toBe(1);
    },
  );

  it.each([
    ['7200', 7200],
    ['12.5', 12],
    [12.9, 12],
  ])('48: port (A5.1): expires_in %o is a lifetime of %i seconds', async (expires_in, seconds) => {
    const bench = await RenewalBench.start({ accessTokenSeconds: 10_000 });
    bench.server.always('token').transformJson((json) => ({ ...json, expires_in }));
    const session = await bench.machine();
    expect(await call(session)).toBe(200);
    const token = (await session.token())!;
    expect(token.expiresAt! - token.obtainedAt).toBe(seconds);
    bench.clock.advance(seconds);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('49: the updater is given the old refresh token, the one that was sent', async () => {
    const { alice } = await bootExtended(server, [updaterOf(server, told)]);
    const before = await giveExpiredToken(alice, server);
    await answerOf(alice);
    expect(told[0]!.context.previous!.refreshToken).toBe(before.refreshToken);
    expect(lastTokenForm(server).get('refresh_token')).toBe(before.refreshToken);
    expect(told[0]!.token.refreshToken).not.toBe(before.refreshToken);
  });

  it('50: the updater of a client_credentials renewal is given the old access token', async () => {
    const grant = 'client_credentials';
    const { session } = await bootExtended(server, [updaterOf(server, told)], { grant });
    await session.setToken({ access_token: 'old', expires_in: -10 });
    await answerOf(session);
    expect(told[0]!.context.previous!.accessToken).toBe('old');
    expect(lastTokenForm(server).get('grant_type')).toBe('client_credentials');
    expect(carriedTokens(server)).toEqual([told[0]!.token.accessToken]);
  });

  it('50: a client_credentials renewal works without an updater', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    expect(await call(session)).toBe(200);
    bench.expire();
    expect(await call(session)).toBe(200);
    expect(bench.server.journal.tokenRequests('client_credentials')).toHaveLength(2);
    expect(new Set(carriedTokens(bench.server)).size).toBe(2);
  });
});
