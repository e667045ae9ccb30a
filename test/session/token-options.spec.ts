import { ConfigurationError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, connectUser, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;
beforeEach(async () => {
  server = await startServer();
  const { revocationEndpoint, introspectionEndpoint } = server;
  const options = userClient(server, { revocationEndpoint, introspectionEndpoint });
  alice = await connectUser(await bootClient(options), server, 'alice');
});

describe.each(['revokeToken', 'introspectToken'] as const)('%s()', (method) => {
  it.each([
    ['an option that does not exist', { tokenTypeHint: 'access_token' }],
    ['a hint that is none', { hint: 'id_token' }],
    ['a token that is no text', { token: 5 }],
    ['an empty token', { token: '' }],
  ])('refuses %s before anything is sent or forgotten', async (_what, options) => {
    await failure(alice[method](options as object), ConfigurationError);
    expect(server.journal.count()).toBe(0);
    expect(await alice.token()).toBeDefined();
  });
});
