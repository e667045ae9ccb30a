import { createHash } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import {
  AuthorizationResponseError,
  ConfigurationError,
  MismatchingStateError,
  TokenEndpointError,
  type FetchTokenOptions,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import {
  apiRequest,
  argumentsFor,
  AT_HAND,
  bootKind,
  GRANT_TYPES,
  TOKEN_REQUEST_KINDS,
  tokenRequest,
  visit,
} from './fixtures-fetch.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer({ passwords: { alice: 'pass & word' } });
});

describe('fetchToken()', () => {
  it.each(['authorization_code', 'client_credentials'] as const)(
    '17: succeeds by the %s grant, its code, if any, at hand',
    async (kind) => {
      const session = await bootKind(kind, userClient(server));
      const given = await argumentsFor(kind, session);
      const token = await session.fetchToken(given);
      expect(tokenRequest(server).form.get('grant_type')).toBe(kind);
      expect(tokenRequest(server).form.get('code') ?? undefined).toBe(given.code);
      await firstValueFrom(session.get('/things'));
      expect(apiRequest(server).headers.authorization).toBe(`Bearer ${token.accessToken}`);
    },
  );

  it.each<[string, FetchTokenOptions]>([
    ['neither username nor password', {}],
    ['only a username', { username: 'alice' }],
    ['only a password', { password: 'pass & word' }],
  ])('18: refuses a password grant with %s, and sends nothing', async (_what, options) => {
    const alice = await bootKind('password', userClient(server));
    await failure(alice.fetchToken(options), ConfigurationError);
    expect(server.journal.count()).toBe(0);
  });

  it('18: succeeds with a password grant that has both', async () => {
    const alice = await bootKind('password', userClient(server));
    await alice.fetchToken({ username: 'alice', password: 'pass & word' });
    expect(Object.fromEntries(tokenRequest(server).form)).toEqual({
      grant_type: 'password',
      username: 'alice',
      password: 'pass & word',
    });
    expect(await alice.authorized()).toBe(true);
  });

  describe.each([200, 400])('with an error in JSON and status %i', (status) => {
    it.each(TOKEN_REQUEST_KINDS)('19: fails with an OAuth error, by the %s grant', async (kind) => {
      server.next('token').respondJson(status, { error: 'invalid_request' });
      const session = await bootKind(kind, userClient(server));
      const given = await argumentsFor(kind, session);
      const error = await failure(session.fetchToken(given), TokenEndpointError);
      expect(error).toMatchObject({ error: 'invalid_request', endpoint: 'token', status });
      expect(tokenRequest(server).form.get('grant_type')).toBe(GRANT_TYPES[kind]);
      expect(server.journal.count('token')).toBe(1);
    });

    it('33: raises it, with the description of the server', async () => {
      const description = 'The code has gone';
      const answer = { error: 'invalid_grant', error_description: description };
      server.next('token').respondJson(status, answer);
      const alice = await bootKind('authorization_code', userClient(server));
      const error = await failure(alice.fetchToken({ code: 'x' }), TokenEndpointError);
      expect(error).toMatchObject({ error: 'invalid_grant', errorDescription: description });
      expect(await alice.token()).toBeUndefined();
    });
  });

  it('19: fails with an OAuth error that comes in the fragment, by the implicit grant', async () => {
    const alice = await bootKind('implicit', userClient(server));
    const { url } = await alice.authorizationUrl();
    const authorizationResponse = await server.authorize(url, { consent: false });
    const error = await failure(
      alice.fetchToken({ authorizationResponse }),
      AuthorizationResponseError,
    );
    expect(error.error).toBe('access_denied');
    expect(await alice.token()).toBeUndefined();
  });

  it('24: puts the parameters, the code among them, into the URL with forceQuerystring', async () => {
    server.configure({ lenientTokenRequests: true });
    const alice = await bootKind('authorization_code', userClient(server));
    const given = await argumentsFor('authorization_code', alice);
    await alice.fetchToken({ ...given, forceQuerystring: true });
    const { method, query, body } = tokenRequest(server);
    expect(method).toBe('POST');
    expect(query.get('code')).toBe(given.code);
    expect(query.get('grant_type')).toBe('authorization_code');
    expect(body).toBe('');
  });

  it.each(TOKEN_REQUEST_KINDS)(
    '27: is not held up by a token that has expired already, by the %s grant',
    async (kind) => {
      const session = await bootKind(kind, userClient(server));
      await session.setToken({ access_token: 'old', token_type: 'Bearer', expires_at: 1 });
      const token = await session.fetchToken(await argumentsFor(kind, session));
      expect(token.isExpired()).toBe(false);
      await firstValueFrom(session.get('/things'));
      const sent = server.journal.requests('api').map(({ headers }) => headers.authorization);
      expect(sent).toEqual([`Bearer ${token.accessToken}`]);
      expect(server.journal.tokenRequests().map(({ grantType }) => grantType)).toEqual([
        GRANT_TYPES[kind],
      ]);
    },
  );

  it.each([
    ['no state', 'authorization_code', undefined],
    ['another state', 'authorization_code', 'other'],
    ['no state', 'implicit', undefined],
    ['another state', 'implicit', 'other'],
  ] as const)('28: refuses a callback with %s, by the %s grant', async (_what, kind, state) => {
    const alice = await bootKind(kind, userClient(server));
    const { url } = await alice.authorizationUrl({ state: 'expected' });
    const callback = await visit(url);
    const change = state === undefined ? '' : `state=${state}`;
    const authorizationResponse = callback.replace('state=expected', change);
    expect(authorizationResponse).not.toContain('expected');
    await failure(alice.fetchToken({ authorizationResponse }), MismatchingStateError);
    expect(server.journal.count('token')).toBe(0);
    expect(await alice.token()).toBeUndefined();
  });

  it('28: port: refuses a callback where no flow was begun, instead of leaving the check out', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    for (const authorizationResponse of ['/callback?code=x', '/callback?code=x&state=y']) {
      await failure(alice.fetchToken({ authorizationResponse }), MismatchingStateError);
    }
    expect(server.journal.count()).toBe(0);
  });

  it('29: proves with the PKCE verifier what the challenge was made from', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    const { url } = await alice.authorizationUrl();
    await alice.fetchToken({ authorizationResponse: await visit(url) });
    const { query } = server.journal.requests('authorize')[0]!;
    const verifier = tokenRequest(server).form.get('code_verifier')!;
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    expect(query.get('code_challenge')).toBe(challenge);
  });

  it('29: port: sends no verifier with a code that no flow of ours was begun for, and it is no crash', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    await failure(alice.fetchToken(AT_HAND.authorization_code), TokenEndpointError);
    expect(tokenRequest(server).form.has('code_verifier')).toBe(false);
  });

  it.each(['tokenFromFragment', 'fetchToken'] as const)(
    '31: reads the token of a URL fragment as it is, by %s()',
    async (method) => {
      const alice = await bootKind('implicit', userClient(server, { scope: ['read', 'write'] }));
      const callback = await visit((await alice.authorizationUrl()).url);
      const token = await (method === 'fetchToken'
        ? alice.fetchToken({ authorizationResponse: callback })
        : alice.tokenFromFragment(callback));
      const fragment = new URLSearchParams(new URL(callback).hash.slice(1));
      const accessToken = fragment.get('access_token')!;
      expect(token.raw).toEqual({
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: '3600',
        scope: 'read write',
      });
      expect(token).toMatchObject({ accessToken, tokenType: 'Bearer', scope: ['read', 'write'] });
      expect(token.expiresAt! - token.obtainedAt).toBe(3600);
      await firstValueFrom(alice.get('/things'));
      expect(apiRequest(server).headers.authorization).toBe(`Bearer ${accessToken}`);
      expect(server.journal.count('token')).toBe(0);
    },
  );

  it.each(['', '?tenant=acme'])(
    '34: puts code and grant_type into the URL with GET, where the endpoint is /token%s',
    async (query) => {
      server.configure({ lenientTokenRequests: true });
      const tokenEndpoint = `${server.tokenEndpoint}${query}`;
      const alice = await bootKind('authorization_code', userClient(server, { tokenEndpoint }));
      const given = await argumentsFor('authorization_code', alice);
      await alice.fetchToken({ ...given, method: 'GET' });
      const request = tokenRequest(server);
      expect(request.method).toBe('GET');
      expect(request.query.get('code')).toBe(given.code);
      expect(request.query.get('grant_type')).toBe('authorization_code');
      expect(request.query.get('tenant')).toBe(query ? 'acme' : null);
      expect(request.url.split('?')).toHaveLength(2);
      expect(request.body).toBe('');
    },
  );
});
