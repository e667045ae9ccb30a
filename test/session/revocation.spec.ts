import { TokenEndpointError, TokenStoreError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, connectUser, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;
beforeEach(async () => {
  server = await startServer();
  const { revocationEndpoint } = server;
  const session = await bootClient(userClient(server, { revocationEndpoint }));
  alice = await connectUser(session, server, 'alice', { scope: 'read mail' });
});

const hints = () =>
  server.journal.requests('revocation').map(({ form }) => form.get('token_type_hint'));

describe('revokeToken', () => {
  it('revokes the refresh token, then the access token, and forgets them', async () => {
    await alice.revokeToken();
    expect(hints()).toEqual(['refresh_token', 'access_token']);
    expect(await alice.token()).toBeUndefined();
  });

  it('with the hint access_token revokes that one, and forgets what is stored', async () => {
    await alice.revokeToken({ hint: 'access_token' });
    expect(hints()).toEqual(['access_token']);
    expect(await alice.token()).toBeUndefined();
  });

  it('with the hint refresh_token revokes that one, and ends the grant', async () => {
    await alice.revokeToken({ hint: 'refresh_token' });
    expect(hints()).toEqual(['refresh_token']);
    expect(await alice.token()).toBeUndefined();
  });

  it('with the hint refresh_token ends the grant of a variant, too', async () => {
    const variant = alice.with({ scope: ['mail'] });
    await variant.accessToken();
    await variant.revokeToken({ hint: 'refresh_token' });
    expect(hints()).toEqual(['refresh_token']);
    expect(await alice.token()).toBeUndefined();
    expect(await variant.token()).toBeUndefined();
  });

  it('with the hint refresh_token does nothing where there is none', async () => {
    const { access_token } = server.issueTokens({ subject: 'alice' });
    await alice.setToken({ access_token });
    await alice.revokeToken({ hint: 'refresh_token' });
    expect(hints()).toEqual([]);
    expect((await alice.token())!.accessToken).toBe(access_token);
  });

  it('ends the tokens at the server though the store fails, and says that it does', async () => {
    const store = new FaultyStore();
    const { revocationEndpoint } = server;
    const session = await bootClient(userClient(server, { revocationEndpoint }), { store });
    const bob = await connectUser(session, server, 'bob', { scope: 'read mail' });
    store.fail('delete');
    expect(await failure(bob.revokeToken(), TokenStoreError)).toMatchObject({ subject: 'bob' });
    expect(hints()).toEqual(['refresh_token', 'access_token']);
  });

  it('is done at a server that revokes refresh tokens alone', async () => {
    server.next('revocation').respond(200);
    server.next('revocation').respondJson(400, { error: 'unsupported_token_type' });
    await alice.revokeToken();
    expect(hints()).toEqual(['refresh_token', 'access_token']);
  });

  it.each([
    ['no token of this type', { hint: 'access_token' as const }],
    ['neither type', {}],
  ])('fails at a server that revokes %s', async (_what, options) => {
    server.always('revocation').respondJson(400, { error: 'unsupported_token_type' });
    const error = await failure(alice.revokeToken(options), TokenEndpointError);
    expect(error.error).toBe('unsupported_token_type');
    expect(await alice.token()).toBeUndefined();
  });
});
