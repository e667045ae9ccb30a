import {
  ConfigurationError,
  MissingTokenError,
  TokenEndpointError,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, connectUser, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;
beforeEach(async () => {
  server = await startServer();
  const { introspectionEndpoint } = server;
  const session = await bootClient(userClient(server, { introspectionEndpoint }));
  alice = await connectUser(session, server, 'alice', { scope: 'read' });
});

describe('introspectToken', () => {
  it('says what the server knows of the stored access token', async () => {
    expect(await alice.introspectToken()).toMatchObject({
      active: true,
      sub: 'alice',
      client_id: 'client',
      scope: 'read',
      token_type: 'Bearer',
    });
    const { form, headers } = server.journal.requests('introspection')[0]!;
    expect(form.get('token')).toBe((await alice.token())!.accessToken);
    expect(form.has('token_type_hint')).toBe(false);
    expect(headers.authorization).toMatch(/^Basic /);
  });

  it('renews nothing: a token that has ended is not active', async () => {
    server.revokeAccessTokens();
    expect(await alice.introspectToken()).toEqual({ active: false });
    expect(server.journal.count('token')).toBe(0);
  });

  it('asks about a token that is given, with a hint', async () => {
    const token = (await alice.token())!.refreshToken!;
    expect(await alice.introspectToken({ token, hint: 'refresh_token' })).toMatchObject({
      active: true,
    });
    const { form } = server.journal.requests('introspection')[0]!;
    expect(form.get('token_type_hint')).toBe('refresh_token');
  });

  it('needs a token', async () => {
    await alice.clearToken();
    await failure(alice.introspectToken(), MissingTokenError);
    expect(server.journal.count('introspection')).toBe(0);
  });

  it('needs an endpoint', async () => {
    const session = await bootClient(userClient(server));
    const bob = await connectUser(session, server, 'bob');
    const error = await failure(bob.introspectToken(), ConfigurationError);
    expect(error.message).toContain('introspectionEndpoint');
  });

  it.each([
    [400, { error: 'invalid_request', error_description: 'no' }, { error: 'invalid_request' }],
    [503, { nothing: true }, { status: 503, retryAfter: 7 }],
    [200, { hello: 'world' }, { status: 200 }],
    [200, { active: 'true' }, { status: 200 }],
  ])('is a typed error for %i %o', async (status, body, expected) => {
    server.next('introspection').respondJson(status, body, { 'retry-after': '7' });
    const error = await failure(alice.introspectToken(), TokenEndpointError);
    expect(error).toMatchObject({ endpoint: 'introspection', client: 'client', ...expected });
    expect(error.message).not.toContain((await alice.token())!.accessToken);
  });
});

describe('introspectToken with the hint refresh_token', () => {
  it('asks about the stored refresh token, of a variant, too', async () => {
    const { refreshToken } = (await alice.token())!;
    for (const session of [alice, alice.with({ scope: ['mail'] })]) {
      expect(await session.introspectToken({ hint: 'refresh_token' })).toMatchObject({
        active: true,
      });
      const { form } = server.journal.requests('introspection').at(-1)!;
      expect(form.get('token')).toBe(refreshToken);
      expect(form.get('token_type_hint')).toBe('refresh_token');
    }
  });

  it('needs one', async () => {
    const { access_token } = server.issueTokens({ subject: 'alice' });
    await alice.setToken({ access_token });
    await failure(alice.introspectToken({ hint: 'refresh_token' }), MissingTokenError);
    expect(server.journal.count('introspection')).toBe(0);
  });
});
