import { ConfigurationError, MismatchingStateError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, bootClients, startServer, userClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';

const BACK = 'https://app.example/goodbye';

let server: FakeAuthorizationServer;
let clock: TestClock;
let client: OAuthSession;
let alice: OAuthSession;

beforeEach(async () => {
  clock = new TestClock();
  server = await startServer();
  const options = userClient(server, { issuer: server.issuer, scope: ['openid'] });
  client = await bootClient(options, { clock });
  alice = client.for('alice');
});

/** Where the server sends the browser that opens a logout URL. */
async function visit(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' });
  return response.headers.get('location')!;
}

describe('logoutUrl()', () => {
  it('names client and ID token, and no state without a return address', async () => {
    const { idToken } = await authorize(alice, server);
    const { url, state } = await alice.logoutUrl();
    expect(state).toBeUndefined();
    expect(new URL(url).origin + new URL(url).pathname).toBe(server.endSessionEndpoint);
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      client_id: 'client',
      id_token_hint: idToken,
    });
  });

  it('sends state and return address, and further parameters', async () => {
    const { url, state } = await alice.logoutUrl({
      postLogoutRedirectUri: BACK,
      params: { ui_locales: 'de', client_id: 'other' },
    });
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      client_id: 'client',
      post_logout_redirect_uri: BACK,
      state,
      ui_locales: 'de',
    });
    expect((await alice.logoutUrl({ postLogoutRedirectUri: BACK, state: 'own' })).state).toBe(
      'own',
    );
  });

  it('refuses what cannot work', async () => {
    await failure(alice.logoutUrl({ state: 'x' }), ConfigurationError);
    await failure(alice.logoutUrl({ returnTo: '/' }), ConfigurationError);
    const back = { postLogoutRedirectUri: BACK };
    await failure(
      alice.logoutUrl({ ...back, returnTo: 'https://evil.example' }),
      ConfigurationError,
    );
    await failure(alice.logoutUrl({ ...back, binding: '' }), ConfigurationError);
    await alice.logoutUrl({ ...back, state: 'twice' });
    await failure(alice.logoutUrl({ ...back, state: 'twice' }), ConfigurationError);
    const without = (await bootClient(userClient(server))).for('alice');
    const error = await failure(without.logoutUrl(), ConfigurationError);
    expect(error.message).toContain('Set endSessionEndpoint');
  });

  it('leaves the token alone', async () => {
    const { accessToken } = await authorize(alice, server);
    await alice.logoutUrl();
    expect((await alice.token())?.accessToken).toBe(accessToken);
  });
});

describe('completeLogout()', () => {
  const begin = { postLogoutRedirectUri: BACK, returnTo: '/bye', binding: 'browser' };

  it('accepts the answer, once', async () => {
    await authorize(alice, server);
    const { url } = await alice.logoutUrl(begin);
    const logoutResponse = await visit(url);
    const done = await client.completeLogout({ logoutResponse, binding: 'browser' });
    expect(done).toEqual({ subject: 'alice', returnTo: '/bye' });
    await failure(
      client.completeLogout({ logoutResponse, binding: 'browser' }),
      MismatchingStateError,
    );
  });

  it.each([
    ['without a state', () => BACK, 'browser'],
    ['with another state', () => `${BACK}?state=other`, 'browser'],
    ['of another browser', (url: string) => url, 'other'],
    ['without its browser', (url: string) => url, undefined],
  ])('refuses an answer %s', async (_what, change, binding) => {
    const logoutResponse = change(await visit((await alice.logoutUrl(begin)).url));
    const given = { logoutResponse, ...(binding !== undefined && { binding }) };
    await failure(client.completeLogout(given), MismatchingStateError);
  });

  it('refuses an answer that is too old, of another client, or of an authorization', async () => {
    const late = await visit((await alice.logoutUrl(begin)).url);
    clock.advance(11 * 60);
    await failure(
      client.completeLogout({ logoutResponse: late, binding: 'browser' }),
      MismatchingStateError,
    );
    const options = userClient(server, { issuer: server.issuer, postLogoutRedirectUri: BACK });
    const registry = await bootClients({ clients: { a: options, b: options } });
    const { url } = await registry.get('a').for('alice').logoutUrl();
    const logoutResponse = await visit(url);
    await failure(registry.get('b').completeLogout({ logoutResponse }), MismatchingStateError);
    const { state } = await alice.authorizationUrl();
    const other = client.completeLogout({ logoutResponse: `${BACK}?state=${state}` });
    await failure(other, MismatchingStateError);
  });
});
