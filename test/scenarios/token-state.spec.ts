import {
  AuthorizationRequiredError,
  ConfigurationError,
  type FetchTokenOptions,
  type GrantName,
  type TokenResponse,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootExtended, connect } from '../compliance/bench.js';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { call, RenewalBench } from '../support/renewal-bench.js';
import { answerOf, carriedTokens, lastTokenForm } from './fixtures-state.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

describe('acceptance: fetch', () => {
  it('36: port: the password grant comes from configuration, and the session scope is sent', async () => {
    const scope = ['read', 'write'];
    const session = await bootClient(userClient(server, { grant: 'password', scope }));
    await session.for('alice').fetchToken({ username: 'alice', password: 'pass' });
    expect(Object.fromEntries(lastTokenForm(server))).toEqual({
      grant_type: 'password',
      username: 'alice',
      password: 'pass',
      scope: 'read write',
    });
  });

  it('36: port: the client_credentials grant comes from configuration, and the session scope is sent', async () => {
    const session = await bootClient(machineClient(server, { scope: ['read', 'write'] }));
    await session.fetchToken();
    expect(Object.fromEntries(lastTokenForm(server))).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
    });
  });

  it.each<[string, GrantName, FetchTokenOptions]>([
    ['a user name and password', 'client_credentials', { username: 'alice', password: 'pass' }],
    ['a code', 'client_credentials', { code: 'abc' }],
    ['a code', 'password', { code: 'abc' }],
    ['a callback', 'password', { authorizationResponse: '?code=abc&state=xyz' }],
    ['a user name and password', 'authorization_code', { username: 'alice', password: 'pass' }],
  ])(
    '36: port: %s is refused by the grant %s, and nothing is sent',
    async (_what, grant, given) => {
      const session = await bootClient(userClient(server, { grant }));
      const own = grant === 'client_credentials' ? session : session.for('alice');
      const error = await failure(own.fetchToken(given), ConfigurationError);
      expect(error.message).toContain(`the grant ${grant} does not take`);
      expect(server.journal.count()).toBe(0);
    },
  );

  it('37: an access_token_response hook sees the answer as the server sent it', async () => {
    const { session, alice } = await bootExtended(server, []);
    let sent = '';
    const seen: object[] = [];
    server.next('token').transform((response) => {
      sent = response.body.replace('{', '{ "odd": [1, null],  ');
      return { ...response, headers: { ...response.headers, 'x-odd': 'yes' }, body: sent };
    });
    session.registerComplianceHook('access_token_response', (response) => {
      const { status, headers, body } = response;
      seen.push({ status, odd: headers.get('x-odd'), body });
      return response;
    });
    const token = await connect(alice, server);
    expect(seen).toEqual([{ status: 200, odd: 'yes', body: sent }]);
    expect(token.raw['odd']).toEqual([1, null]);
  });
});

describe('acceptance: token state', () => {
  it('38: port: setToken and clearToken are the token of one subject, and of no other', async () => {
    const session = await bootClient(userClient(server));
    const alice = session.for('alice');
    const bob = await connectUser(session, server, 'bob');
    const given = server.issueTokens({ subject: 'alice' });
    expect((await alice.setToken({ ...given })).accessToken).toBe(given.access_token);
    expect((await alice.token())!.accessToken).toBe(given.access_token);
    expect(await alice.accessToken()).toBe(given.access_token);
    expect((await answerOf(alice)).subject).toBe('alice');
    await alice.clearToken();
    expect(await alice.token()).toBeUndefined();
    await failure(answerOf(alice), AuthorizationRequiredError);
    expect((await answerOf(bob)).subject).toBe('bob');
    expect(carriedTokens(server)).toEqual([given.access_token, (await bob.token())!.accessToken]);
  });

  it('38: port: the client identifier can be read, and neither written nor deleted', async () => {
    const session = await bootClient(machineClient(server));
    expect(session.clientId).toBe('client');
    expect(Reflect.set(session, 'clientId', 'other')).toBe(false);
    expect(Reflect.deleteProperty(session, 'clientId')).toBe(true);
    expect(session.clientId).toBe('client');
    expect((await answerOf(session)).client).toBe('client');
  });

  it('38: port: a token is immutable: another one takes its place as a whole', async () => {
    const session = await bootClient(userClient(server));
    const alice = session.for('alice');
    const given = server.issueTokens({ subject: 'alice', scope: 'read' });
    const first = await alice.setToken({ ...given });
    expect(Reflect.set(first, 'accessToken', 'forged')).toBe(false);
    await answerOf(alice);
    const { access_token } = server.issueTokens({ subject: 'alice' });
    const second = await alice.setToken({ access_token });
    expect([second.refreshToken, second.expiresAt, second.scope]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    await answerOf(alice);
    expect(carriedTokens(server)).toEqual([given.access_token, access_token]);
  });

  it('39: authorized is false at the start and true after a fetch', async () => {
    const { alice } = await bootExtended(server, []);
    expect(await alice.authorized()).toBe(false);
    await failure(answerOf(alice), AuthorizationRequiredError);
    await connect(alice, server);
    expect(await alice.authorized()).toBe(true);
    await answerOf(alice);
    expect(server.journal.apiCalls().map(({ status }) => status)).toEqual([200]);
  });

  it('39: port: a machine is authorized at the start: its first call fetches the token', async () => {
    const session = await bootClient(machineClient(server));
    expect(await session.authorized()).toBe(true);
    expect(server.journal.count()).toBe(0);
    await answerOf(session);
    expect(carriedTokens(server)).toEqual([(await session.token())!.accessToken]);
  });

  it('39: port: authorized is false again once the token has expired and nothing can renew it', async () => {
    const { alice } = await bootExtended(server, []);
    const { refresh_token: _none, ...given } = server.issueTokens({ subject: 'alice' });
    await alice.setToken({ ...given, expires_in: -10 });
    expect(await alice.authorized()).toBe(false);
    await failure(answerOf(alice), AuthorizationRequiredError);
    expect(server.journal.count()).toBe(0);
  });

  it('40: a past expires_at means expired: the token is renewed before it is used', async () => {
    const bench = await RenewalBench.start();
    const alice = await bench.user({}, { token: false });
    const expires_at = Math.trunc(bench.clock.now() / 1000) - 1;
    const token = await alice.setToken({ ...bench.issue(), expires_at });
    expect(token.isExpired()).toBe(true);
    expect(await call(alice)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
    expect(carriedTokens(bench.server)).not.toContain(token.accessToken);
  });

  it.each([
    ['a remaining lifetime under the leeway means expired', 59, 1],
    ['a remaining lifetime over the leeway means valid', 65, 0],
  ])('40: %s', async (_what, left, renewals) => {
    const bench = await RenewalBench.start();
    const alice = await bench.user();
    bench.clock.advance(3600 - left);
    expect(await call(alice)).toBe(200);
    expect(bench.tokenRequests).toBe(renewals);
  });

  it('40: port: a whole lifetime under the leeway is used for three quarters, not renewed each time', async () => {
    const bench = await RenewalBench.start({ accessTokenSeconds: 40 });
    const alice = await bench.user({ refresh: { leewaySeconds: 60 } });
    expect(await call(alice)).toBe(200);
    bench.clock.advance(28);
    expect(await call(alice)).toBe(200);
    expect(bench.tokenRequests).toBe(0);
    bench.clock.advance(3);
    expect(await call(alice)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('41: an expires_at that cannot be read falls back to expires_in', async () => {
    const bench = await RenewalBench.start();
    const alice = await bench.user({}, { token: false });
    const token = await alice.setToken({ ...bench.issue(), expires_at: 'soon' });
    expect(token.expiresAt! - token.obtainedAt).toBe(3600);
    expect(await call(alice)).toBe(200);
    expect(bench.tokenRequests).toBe(0);
    bench.expire();
    expect(await call(alice)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('42: an expires_at that cannot be read, alone, is an unknown end, and is preserved', async () => {
    const bench = await RenewalBench.start({ accessTokenSeconds: 400 * 24 * 3600 });
    const alice = await bench.user({}, { token: false });
    const { expires_in: _none, ...given } = bench.issue();
    const response: TokenResponse = { ...given, expires_at: 'soon' };
    const token = await alice.setToken(response);
    expect([token.expiresAt, token.expiresIn(), token.isExpired(60)]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    bench.clock.advance(365 * 24 * 3600);
    const { data } = await firstValueFrom(alice.get('/things'));
    expect(data).toMatchObject({ path: '/api/things' });
    expect(carriedTokens(bench.server)).toEqual([given.access_token]);
    expect(bench.tokenRequests).toBe(0);
    expect((await alice.token())!.raw['expires_at']).toBe('soon');
  });
});
