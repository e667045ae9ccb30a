import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
  MismatchingStateError,
  TokenEndpointError,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { authorize, callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { answerOf, carriedTokens, giveExpiredToken, lastTokenForm } from './fixtures-state.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;
beforeEach(async () => {
  server = await startServer();
  alice = (await bootClient(userClient(server))).for('alice');
});

describe('acceptance: a fetch that fails', () => {
  it('92: leaves the former token of a user usable', async () => {
    const { accessToken } = await authorize(alice, server);
    const authorizationResponse = await callbackOf(alice, server);
    server.next('token').respondJson(400, { error: 'invalid_grant' });
    await failure(alice.fetchToken({ authorizationResponse }), TokenEndpointError);
    expect(await alice.authorized()).toBe(true);
    await answerOf(alice);
    expect(carriedTokens(server)).toEqual([accessToken]);
  });

  it('92: leaves the former token of a machine usable', async () => {
    const session = await bootClient(machineClient(server));
    const accessToken = await session.accessToken();
    server.next('token').respondJson(400, { error: 'invalid_scope' });
    await failure(session.fetchToken(), TokenEndpointError);
    await answerOf(session);
    expect(carriedTokens(server)).toEqual([accessToken]);
  });

  it('92: leaves a user without a token unauthorized, and no call is anonymous', async () => {
    const authorizationResponse = await callbackOf(alice, server);
    server.next('token').respond(500);
    await failure(alice.fetchToken({ authorizationResponse }), TokenEndpointError);
    expect(await alice.authorized()).toBe(false);
    await failure(answerOf(alice), AuthorizationRequiredError);
    expect(server.journal.count('api')).toBe(0);
  });

  it('92: leaves a machine without a token: no call is anonymous', async () => {
    const session = await bootClient(machineClient(server));
    server.always('token').respondJson(400, { error: 'invalid_scope' });
    await failure(session.fetchToken(), TokenEndpointError);
    await failure(answerOf(session), TokenEndpointError);
    expect(server.journal.count('api')).toBe(0);
  });
});

describe('acceptance: repeated parameters', () => {
  const resource = ['https://one.example', 'https://two.example'];

  it('93: repeated resource parameters survive as an argument of fetchToken and refreshToken', async () => {
    const session = await bootClient(machineClient(server));
    await session.fetchToken({ params: { resource } });
    expect(lastTokenForm(server).getAll('resource')).toEqual(resource);
    const users = await connectUser(await bootClient(userClient(server)), server, 'alice');
    await users.refreshToken({ params: { resource } });
    expect(lastTokenForm(server).get('grant_type')).toBe('refresh_token');
    expect(lastTokenForm(server).getAll('resource')).toEqual(resource);
  });

  it('93: repeated resource parameters survive from configuration, in the URL and in both requests', async () => {
    const more = {
      authorizationParams: { resource },
      tokenParams: { resource },
      refreshParams: { resource },
    };
    const user = (await bootClient(userClient(server, more))).for('alice');
    const { url } = await user.authorizationUrl();
    expect(new URL(url).searchParams.getAll('resource')).toEqual(resource);
    await authorize(user, server);
    expect(lastTokenForm(server).getAll('resource')).toEqual(resource);
    await user.refreshToken();
    expect(lastTokenForm(server).get('grant_type')).toBe('refresh_token');
    expect(lastTokenForm(server).getAll('resource')).toEqual(resource);
  });

  it('93: repeated resource parameters survive from with()', async () => {
    const session = await bootClient(machineClient(server));
    await answerOf(session.with({ resource }));
    expect(lastTokenForm(server).getAll('resource')).toEqual(resource);
  });
});

describe('acceptance: state', () => {
  it('94: an explicit state is the one that the callback is verified by', async () => {
    const state = 'a-state-of-the-application-itself';
    const begun = await alice.authorizationUrl({ state });
    expect(begun.state).toBe(state);
    expect(new URL(begun.url).searchParams.get('state')).toBe(state);
    const callback = await server.authorize(begun.url);
    expect(new URL(callback).searchParams.get('state')).toBe(state);
    await alice.fetchToken({ authorizationResponse: callback });
    expect(await alice.authorized()).toBe(true);
  });

  it('94: a callback with another state than the explicit one is refused, and nothing is sent', async () => {
    const authorizationResponse = await callbackOf(alice, server, {
      state: 'a-state-of-the-application-itself',
      change: (url) => url.searchParams.set('state', 'another-state-of-somebody-else'),
    });
    await failure(alice.fetchToken({ authorizationResponse }), MismatchingStateError);
    expect(server.journal.count('token')).toBe(0);
    expect(await alice.authorized()).toBe(false);
  });

  it('94: an error callback is that error, and never triggers a token request of any grant', async () => {
    const authorizationResponse = await callbackOf(alice, server, {
      change: (url) => {
        url.searchParams.delete('code');
        url.searchParams.set('error', 'access_denied');
      },
    });
    const error = await failure(
      alice.fetchToken({ authorizationResponse }),
      AuthorizationResponseError,
    );
    expect(error.error).toBe('access_denied');
    expect(server.journal.count('token')).toBe(0);
  });
});

describe('acceptance: error codes', () => {
  it('95: invalid_request maps to the generic token endpoint error, and the token stays', async () => {
    const before = await giveExpiredToken(alice, server);
    const error_description = 'Something is missing';
    server.next('token').respondJson(400, { error: 'invalid_request', error_description });
    const error = await failure(answerOf(alice), TokenEndpointError);
    expect(error.constructor).toBe(TokenEndpointError);
    expect(error).toMatchObject({
      code: 'token_endpoint',
      endpoint: 'token',
      error: 'invalid_request',
      errorDescription: error_description,
      status: 400,
    });
    expect((await alice.token())!.version).toBe(before.version);
    expect(server.journal.count('api')).toBe(0);
  });
});
