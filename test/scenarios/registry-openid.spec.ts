import {
  ConfigurationError,
  MismatchingStateError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { Browser, startWebApplication } from './fixtures-registry.js';

const BACK = 'https://app.example/goodbye';

let server: FakeAuthorizationServer;
let client: OAuthSession;
let alice: OAuthSession;

/** Options of a client that knows its issuer, and discovers the rest. */
function openid(more: Partial<OAuthClientOptions> = {}): OAuthClientOptions {
  const { authorizationEndpoint: _one, tokenEndpoint: _other, ...rest } = userClient(server);
  return { ...rest, issuer: server.issuer, scope: ['openid', 'profile'], ...more };
}

beforeEach(async () => {
  server = await startServer();
  client = await bootClient(openid());
  alice = client.for('alice');
});

/** What is in a JWT, whoever signed it. */
function claimsIn(jwt: string): Record<string, unknown> {
  const payload = Buffer.from(jwt.split('.')[1]!, 'base64url').toString();
  return JSON.parse(payload) as Record<string, unknown>;
}

/** Lets the next ID token have other claims, signed as the server does, or by a key of nobody. */
function change(claims: Record<string, unknown>, header: Record<string, unknown> = {}): void {
  server.next('token').transformJson((json) => ({
    ...json,
    id_token: server.signIdToken({ ...claimsIn(String(json['id_token'])), ...claims }, header),
  }));
}

describe('acceptance: who the user is', () => {
  it('83: an ID token with the nonce that was sent is verified, and its claims are told', async () => {
    const token = await authorize(alice, server);
    const { query } = server.journal.requests('authorize')[0]!;
    expect(query.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(token.claims).toMatchObject({
      iss: server.issuer,
      aud: 'client',
      sub: 'alice',
      nonce: query.get('nonce'),
    });
    expect(server.journal.count('jwks')).toBe(1);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['another nonce', { nonce: 'another' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another client', { aud: 'another' }],
    ['the past', { exp: 1 }],
    ['an unknown key', {}, { kid: 'unknown' }],
  ])('83: an ID token of %s is refused, and nothing is stored', async (_what, claims, header) => {
    change(claims, header);
    await failure(authorize(alice, server), TokenEndpointError);
    expect(await alice.token()).toBeUndefined();
  });

  it('83: userInfo() yields what the server says, asked with the token', async () => {
    const { accessToken } = await authorize(alice, server);
    expect(await alice.userInfo()).toMatchObject({ sub: 'alice', name: 'alice' });
    const [request] = server.journal.requests('userinfo');
    expect(request!.headers.authorization).toBe(`Bearer ${accessToken}`);
  });

  it('83: port: userInfo() about another user than the ID token is refused', async () => {
    await authorize(alice, server);
    server.next('userinfo').transformJson((json) => ({ ...json, sub: 'mallory' }));
    const error = await failure(alice.userInfo(), TokenEndpointError);
    expect(error).toMatchObject({ endpoint: 'userinfo', subject: 'alice' });
  });
});

describe('acceptance: logout', () => {
  const paramsOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

  it('84: without a return address the URL has no state', async () => {
    const { idToken } = await authorize(alice, server);
    const { url, state } = await alice.logoutUrl();
    expect(url.startsWith(`${server.endSessionEndpoint}?`)).toBe(true);
    expect(paramsOf(url)).toEqual({ client_id: 'client', id_token_hint: idToken });
    expect(state).toBeUndefined();
  });

  it('84: with a return address it has one, its own or a new one', async () => {
    const { url, state } = await alice.logoutUrl({ postLogoutRedirectUri: BACK });
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(paramsOf(url)).toMatchObject({ post_logout_redirect_uri: BACK, state });
    const own = await alice.logoutUrl({ postLogoutRedirectUri: BACK, state: 'my-own-state' });
    expect(own.state).toBe('my-own-state');
    expect(paramsOf(own.url)).toMatchObject({ state: 'my-own-state' });
  });

  it('84: further parameters are sent, beside the query that the endpoint has', async () => {
    const endSessionEndpoint = `${server.endSessionEndpoint}?tenant=acme`;
    const session = (await bootClient(openid({ endSessionEndpoint }))).for('alice');
    const { url } = await session.logoutUrl({ params: { ui_locales: 'de', logout_hint: 'al' } });
    expect(paramsOf(url)).toEqual({
      tenant: 'acme',
      client_id: 'client',
      ui_locales: 'de',
      logout_hint: 'al',
    });
  });

  it('84: a missing endpoint is refused', async () => {
    server.configure({ metadata: { end_session_endpoint: undefined } });
    const session = (await bootClient(openid())).for('alice');
    const error = await failure(session.logoutUrl(), ConfigurationError);
    expect(error.message).toContain('Set endSessionEndpoint');
  });

  it('84: a browser comes back with its state, once', async () => {
    const application = await startWebApplication(openid());
    const laptop = new Browser(application, 'alice', 'laptop');
    const back = await laptop.sentBackFrom('/logout');
    expect(new URL(back).searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    expect(await laptop.open(back)).toMatchObject({ status: 302, location: '/bye' });
    const again = await laptop.open(back);
    expect(again).toMatchObject({ status: 400, json: { code: 'mismatching_state' } });
  });

  it.each([
    ['no state', () => BACK],
    ['an empty state', () => `${BACK}?state=`],
    ['another state', () => `${BACK}?state=another`],
    ['a state of an authorization', (state: string) => `${BACK}?state=${state}`],
  ])('84: a browser that comes back with %s is refused', async (_what, address) => {
    await alice.logoutUrl({ postLogoutRedirectUri: BACK });
    const { state } = await alice.authorizationUrl();
    const logoutResponse = address(state);
    await failure(client.completeLogout({ logoutResponse }), MismatchingStateError);
  });

  it('84: port: another browser is refused', async () => {
    const application = await startWebApplication(openid());
    const back = await new Browser(application, 'alice', 'laptop').sentBackFrom('/logout');
    const shown = await new Browser(application, 'alice', 'phone').open(back);
    expect(shown).toMatchObject({ status: 400, json: { code: 'mismatching_state' } });
  });

  it('84: port: a state of a logout is no state of an authorization', async () => {
    const { state } = await alice.logoutUrl({ postLogoutRedirectUri: BACK, binding: 'laptop' });
    const params = new URLSearchParams({ code: 'stolen', state: `logout ${state}` });
    const answer = { authorizationResponse: `/callback?${params}`, binding: 'laptop' };
    await failure(client.completeAuthorization(answer), MismatchingStateError);
    expect(server.journal.count('token')).toBe(0);
  });
});
