import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
  ConfigurationError,
  MismatchingStateError,
  MissingTokenError,
  UnsupportedTokenTypeError,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;
beforeEach(async () => {
  server = await startServer();
  const { tokenEndpoint: _none, ...options } = userClient(server, { grant: 'implicit' });
  alice = (await bootClient({ ...options, scope: ['read'] })).for('alice');
});

describe('the implicit grant', () => {
  it('asks for a token, without a proof key, and takes it from the fragment', async () => {
    const { url } = await alice.authorizationUrl();
    const query = new URL(url).searchParams;
    expect(query.get('response_type')).toBe('token');
    expect(query.has('code_challenge')).toBe(false);
    const callback = await server.authorize(url);
    const token = await alice.tokenFromFragment(callback);
    expect(token.scope).toEqual(['read']);
    expect(token.expiresIn()).toBeGreaterThan(3500);
    expect(token.raw).not.toHaveProperty('state');
    const { data } = await firstValueFrom(alice.get('/things'));
    expect(data).toMatchObject({ subject: 'alice' });
    expect(server.journal.requests('token')).toHaveLength(0);
  });

  it('is what fetchToken() does with a callback', async () => {
    const { url } = await alice.authorizationUrl({ binding: 'browser' });
    const authorizationResponse = await server.authorize(url);
    await alice.fetchToken({ authorizationResponse, binding: 'browser' });
    expect(await alice.authorized()).toBe(true);
  });

  it('takes a state once, and of this subject and browser alone', async () => {
    const { url } = await alice.authorizationUrl({ binding: 'browser' });
    const callback = await server.authorize(url);
    await failure(alice.tokenFromFragment(callback, 'other'), MismatchingStateError);
    await failure(alice.tokenFromFragment(callback, 'browser'), MismatchingStateError);
    await failure(alice.tokenFromFragment('#access_token=x'), MismatchingStateError);
    expect(await alice.token()).toBeUndefined();
  });

  it('judges an error before it looks for a token', async () => {
    const { state } = await alice.authorizationUrl();
    const error = await failure(
      alice.tokenFromFragment(`https://app.example/callback#error=access_denied&state=${state}`),
      AuthorizationResponseError,
    );
    expect(error.error).toBe('access_denied');
  });

  it.each(['', '#_=_'])('judges an error in the query, whatever follows it: %j', async (end) => {
    const { state } = await alice.authorizationUrl();
    const callback = `https://app.example/callback?error=access_denied&state=${state}${end}`;
    const error = await failure(alice.tokenFromFragment(callback), AuthorizationResponseError);
    expect(error.error).toBe('access_denied');
  });

  it('keeps neither a refresh token nor an ID token that nobody verified', async () => {
    const { url } = await alice.authorizationUrl();
    const callback = await server.authorize(url);
    const token = await alice.tokenFromFragment(`${callback}&refresh_token=r&id_token=i.i.i`);
    expect(token).toMatchObject({ refreshToken: undefined, idToken: undefined });
    expect(JSON.stringify((await alice.token())?.toRecord())).not.toMatch(/refresh|id_?token/i);
  });

  it.each(['expires_in=9', 'token_type=Bearer', 'scope=all', 'access_token=x'])(
    'refuses a parameter that comes twice: %s',
    async (again) => {
      const { state } = await alice.authorizationUrl();
      const once = 'access_token=a&token_type=Bearer&expires_in=8&scope=read';
      const callback = `/callback#${once}&state=${state}&${again}`;
      await failure(alice.tokenFromFragment(callback), AuthorizationResponseError);
      expect(await alice.token()).toBeUndefined();
    },
  );

  it('needs an access token', async () => {
    const { state } = await alice.authorizationUrl();
    await failure(alice.tokenFromFragment(`/callback#state=${state}`), MissingTokenError);
  });

  it('takes Bearer tokens alone', async () => {
    const { state } = await alice.authorizationUrl();
    const callback = `/callback#access_token=x&token_type=mac&state=${state}`;
    await failure(alice.tokenFromFragment(callback), UnsupportedTokenTypeError);
    expect(await alice.token()).toBeUndefined();
  });

  it('cannot be renewed: the user is needed', async () => {
    const { url } = await alice.authorizationUrl();
    await alice.tokenFromFragment(await server.authorize(url));
    const error = await failure(alice.refreshToken(), AuthorizationRequiredError);
    expect(error.reason).toBe('not_renewable');
  });

  it('is refused on a client of another grant', async () => {
    const other = (await bootClient(userClient(server))).for('alice');
    const error = await failure(other.tokenFromFragment('#access_token=x'), ConfigurationError);
    expect(error.message).toContain('implicit');
  });
});
