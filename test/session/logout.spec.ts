import {
  ConfigurationError,
  MismatchingStateError,
  TokenEndpointError,
  type AuthorizationRequestRecord,
  type AuthorizationRequestStore,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  bootClients,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
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

  it.each(['javascript:alert(1)', 'data:text/html,x', '/bye', 'https://u:p@app.example/', 7])(
    'refuses to come back to %j, of a call or of the client',
    async (address) => {
      const postLogoutRedirectUri = address as string;
      const error = await failure(alice.logoutUrl({ postLogoutRedirectUri }), ConfigurationError);
      expect(error.message).toContain('postLogoutRedirectUri');
      const boot = bootClient(userClient(server, { postLogoutRedirectUri }));
      expect((await failure(boot, ConfigurationError)).message).toContain('postLogoutRedirectUri');
    },
  );

  it.each(['com.example.app:/bye', 'http://localhost:3000/bye'])(
    'comes back to %s',
    async (back) => {
      const { url } = await alice.logoutUrl({ postLogoutRedirectUri: back });
      expect(new URL(url).searchParams.get('post_logout_redirect_uri')).toBe(back);
    },
  );

  it('refuses a state that is no text', async () => {
    const state = 5 as unknown;
    const call = alice.logoutUrl({ postLogoutRedirectUri: BACK, state: state as string });
    await failure(call, ConfigurationError);
  });

  it('keeps a hint of the application where no ID token is stored', async () => {
    const { url } = await alice.logoutUrl({ params: { id_token_hint: 'own' } });
    expect(new URL(url).searchParams.get('id_token_hint')).toBe('own');
  });

  it('is an error on a client that acts for itself', async () => {
    const machine = await bootClient(machineClient(server, { issuer: server.issuer }));
    const error = await failure(machine.logoutUrl(), ConfigurationError);
    expect(error.message).toContain('logoutUrl() needs a user');
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

  it('refuses an answer whose state came twice, and one that is no text', async () => {
    const { state } = await alice.logoutUrl({ postLogoutRedirectUri: BACK });
    const twice = client.completeLogout({ logoutResponse: `${BACK}?state=${state}&state=other` });
    await failure(twice, MismatchingStateError);
    const nothing = undefined as unknown;
    const call = client.completeLogout({ logoutResponse: nothing as string });
    await failure(call, ConfigurationError);
  });

  it.each([(state: string) => `logout ${state}`, (state: string) => `logout.${state}`])(
    'is of a logout alone, whatever the states are: %s',
    async (disguised) => {
      const { state } = await alice.authorizationUrl({ state: disguised('abc') });
      expect(state).toBe(disguised('abc'));
      const logout = client.completeLogout({ logoutResponse: `${BACK}?state=abc` });
      await failure(logout, MismatchingStateError);
      const begun = await alice.logoutUrl({ postLogoutRedirectUri: BACK });
      const query = new URLSearchParams({ code: 'stolen', state: disguised(begun.state!) });
      const call = alice.completeAuthorization({ authorizationResponse: `/callback?${query}` });
      await failure(call, MismatchingStateError);
      await failure(
        alice.fetchToken({ code: 'stolen', state: disguised(begun.state!) }),
        MismatchingStateError,
      );
    },
  );

  it('takes a record without a kind for an authorization, and no other for one', async () => {
    const records = new Map<string, AuthorizationRequestRecord>();
    const authorizationRequestStore: AuthorizationRequestStore = {
      save: async (hash, { kind, ...record }) => {
        records.set(hash, kind === 'logout' ? { kind, ...record } : record);
        return Promise.resolve(true);
      },
      // A store that finds whatever there is, under any hash.
      take: async () => Promise.resolve([...records.values()][0]),
    };
    const own = (
      await bootClient(userClient(server, { issuer: server.issuer }), { authorizationRequestStore })
    ).for('alice');
    await own.authorizationUrl();
    await failure(own.completeLogout({ logoutResponse: `${BACK}?state=x` }), MismatchingStateError);
    const taken = own.fetchToken({ code: 'x', state: 'x' });
    await failure(taken, TokenEndpointError);
    records.clear();
    await own.logoutUrl({ postLogoutRedirectUri: BACK });
    await failure(own.fetchToken({ code: 'x', state: 'x' }), MismatchingStateError);
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
