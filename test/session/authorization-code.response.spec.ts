import {
  AuthorizationResponseError,
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  MismatchingStateError,
  MissingCodeError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;

async function boot(more: Partial<OAuthClientOptions> = {}): Promise<void> {
  const client = await bootClient(userClient(server, { issuer: server.issuer, ...more }));
  alice = client.for('alice');
}

const callback = (change?: (url: URL) => void): Promise<string> =>
  callbackOf(alice, server, { ...(change && { change }) });

beforeEach(async () => {
  server = await startServer();
  await boot();
});

/** Nothing was stored for alice, and no code was sent. */
async function expectNothingCame(): Promise<void> {
  expect(await alice.token()).toBeUndefined();
  expect(server.journal.count('token')).toBe(0);
}

describe('the response of the authorization server', () => {
  it('with an error is judged, and no other grant is tried', async () => {
    const user = { consent: false };
    const authorizationResponse = await callbackOf(alice, server, { user });
    const call = alice.completeAuthorization({ authorizationResponse });
    const error = await failure(call, AuthorizationResponseError);
    expect(error).toMatchObject({ error: 'access_denied', errorDescription: 'The user said no' });
    await expectNothingCame();
  });

  it('with an error and a code is an error', async () => {
    const authorizationResponse = await callback((url) =>
      url.searchParams.set('error', 'server_error\r\n\u202eevil'),
    );
    const call = alice.completeAuthorization({ authorizationResponse });
    const { message, error } = await failure(call, AuthorizationResponseError);
    expect(error).toBe('server_error evil');
    expect(message).not.toMatch(/[\r\u202e]/);
    await expectNothingCame();
  });

  it('of another issuer is refused', async () => {
    const authorizationResponse = await callback((url) =>
      url.searchParams.set('iss', 'https://evil.example'),
    );
    const call = alice.completeAuthorization({ authorizationResponse });
    expect((await failure(call, AuthorizationResponseError)).message).toContain('issuer');
    await expectNothingCame();
  });

  it('without an issuer is refused where the metadata promises one, and else taken', async () => {
    const strip = (url: URL) => url.searchParams.delete('iss');
    const authorizationResponse = await callback(strip);
    await alice.completeAuthorization({ authorizationResponse });

    await boot({ tokenEndpoint: undefined });
    const unnamed = await callback(strip);
    const call = alice.completeAuthorization({ authorizationResponse: unnamed });
    expect((await failure(call, AuthorizationResponseError)).message).toContain('names no issuer');
    const named = await callback();
    await alice.completeAuthorization({ authorizationResponse: named });
  });

  it('without an issuer is refused in a process that has not read the metadata', async () => {
    const authorizationRequestStore = new MemoryAuthorizationRequestStore();
    const { authorizationEndpoint: _discovered, ...options } = userClient(server);
    const [one, two] = await Promise.all(
      [1, 2].map(async () => {
        const client = { ...options, issuer: server.issuer };
        return (await bootClient(client, { authorizationRequestStore })).for('alice');
      }),
    );
    const strip = (url: URL) => url.searchParams.delete('iss');
    const authorizationResponse = await callbackOf(one!, server, { change: strip });
    const call = two!.completeAuthorization({ authorizationResponse });
    expect((await failure(call, AuthorizationResponseError)).message).toContain('names no issuer');
  });

  it('that is no text is an error of the application', async () => {
    const nothing = undefined as unknown;
    const call = alice.completeAuthorization({ authorizationResponse: nothing as string });
    await failure(call, ConfigurationError);
  });

  it('that answers nothing asks nothing of the server', async () => {
    const { tokenEndpoint: _one, authorizationEndpoint: _other, ...rest } = userClient(server);
    const options = { ...rest, issuer: server.issuer, scope: ['openid'] };
    const client = (await bootClient(options)).for('alice');
    server.journal.clear();
    const call = client.completeAuthorization({ authorizationResponse: '/cb?code=x&state=y' });
    await failure(call, MismatchingStateError);
    expect(server.journal.count()).toBe(0);
  });

  it.each(['state', 'code', 'iss'])('that repeats %s is refused', async (name) => {
    const authorizationResponse = await callback((url) => url.searchParams.append(name, 'second'));
    const call = alice.completeAuthorization({ authorizationResponse });
    await failure(call, AuthorizationResponseError);
    await expectNothingCame();
  });

  it('without a code is an error that says what to pass', async () => {
    const authorizationResponse = await callback((url) => url.searchParams.delete('code'));
    const call = alice.completeAuthorization({ authorizationResponse });
    expect((await failure(call, MissingCodeError)).message).toContain('authorizationResponse');
    await expectNothingCame();
  });

  it.each([
    ['full URL', (url: URL) => url.href],
    ['full URL with a fragment', (url: URL) => `${url.href}#_=_`],
    ['path and query', (url: URL) => `${url.pathname}${url.search}`],
    ['query with its question mark', (url: URL) => url.search],
    ['query alone, or form', (url: URL) => url.search.slice(1)],
    ['query with a question mark of its own', (url: URL) => `hint=a?b&${url.search.slice(1)}`],
  ])('is read from a %s', async (_what, take) => {
    await boot({ issuer: undefined });
    const url = new URL(await callback());
    const authorizationResponse = take(url);
    await alice.completeAuthorization({ authorizationResponse });
    expect(await alice.authorized()).toBe(true);
  });

  it.each(['', '?', '/callback', 'https://app.example/callback', 'nonsense', '#code=1&state=2'])(
    'that is nothing of the kind is a mismatch: %j',
    async (authorizationResponse) => {
      await failure(alice.completeAuthorization({ authorizationResponse }), MismatchingStateError);
    },
  );
});
