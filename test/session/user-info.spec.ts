import {
  AuthorizationRequiredError,
  ConfigurationError,
  TokenEndpointError,
  type OAuthClientOptions,
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
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;

const boot = (more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> =>
  bootClient(userClient(server, { issuer: server.issuer, scope: ['openid'], ...more }));

beforeEach(async () => {
  server = await startServer();
});

describe('userInfo()', () => {
  it('answers what the server says of the user', async () => {
    const alice = (await boot()).for('alice');
    await authorize(alice, server);
    expect(await alice.userInfo()).toEqual({
      sub: 'alice',
      name: 'alice',
      preferred_username: 'alice',
    });
    const [request] = server.journal.requests('userinfo');
    expect(request?.headers.authorization).toBe(`Bearer ${await alice.accessToken()}`);
  });

  it('refuses an answer about another user than the ID token', async () => {
    const alice = (await boot()).for('alice');
    await authorize(alice, server);
    server.next('userinfo').transformJson((json) => ({ ...json, sub: 'mallory' }));
    const error = await failure(alice.userInfo(), TokenEndpointError);
    expect(error.endpoint).toBe('userinfo');
    expect(error.message).toContain('about another user');
    expect(error.message).not.toContain('mallory');
  });

  it('refuses an answer about another user for a variant, too', async () => {
    const alice = (await boot()).for('alice');
    await authorize(alice, server);
    const variant = alice.with({ resource: ['https://other.example'] });
    expect((await variant.userInfo()).sub).toBe('alice');
    server.next('userinfo').transformJson((json) => ({ ...json, sub: 'mallory' }));
    await failure(variant.userInfo(), TokenEndpointError);
  });

  it.each([
    ['no subject', 200, '{"name":"x"}', 'claims without a subject'],
    ['a list', 200, '[]', 'no set of claims'],
    ['no JSON', 200, 'hello', 'no set of claims'],
    ['an error', 403, '{}', 'answered 403'],
  ])('refuses %s', async (_what, status, body, why) => {
    const alice = (await boot()).for('alice');
    await authorize(alice, server);
    server.next('userinfo').respond(status, { 'Content-Type': 'application/json' }, body);
    expect((await failure(alice.userInfo(), TokenEndpointError)).message).toContain(why);
  });

  it('renews a token that is refused, once', async () => {
    const alice = (await boot()).for('alice');
    await authorize(alice, server);
    server.revokeAccessTokens();
    expect((await alice.userInfo()).sub).toBe('alice');
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
    expect(server.journal.requests('userinfo')).toHaveLength(2);
  });

  it('cannot verify a signed answer without an issuer', async () => {
    const userinfoEndpoint = `${server.issuer}/userinfo`;
    const client = await bootClient(userClient(server, { userinfoEndpoint }));
    const alice = await connectUser(client, server, 'alice', { scope: ['openid'] });
    const signed = server.signIdToken({ sub: 'alice' });
    server.next('userinfo').respond(200, { 'Content-Type': 'application/jwt' }, signed);
    expect((await failure(alice.userInfo(), ConfigurationError)).message).toContain('Set issuer');
  });

  it.each([
    [['ES256'], true],
    [['RS256'], false],
    [undefined, false],
  ])('judges a signed answer by the algorithms for it, %j: %s', async (algorithms, isGood) => {
    server.configure({
      metadata: {
        id_token_signing_alg_values_supported: ['RS256'],
        ...(algorithms && { userinfo_signing_alg_values_supported: algorithms }),
      },
    });
    const alice = await connectUser(await boot(), server, 'alice', { scope: ['openid'] });
    const signed = server.signIdToken({ sub: 'alice', iss: server.issuer, aud: 'client' });
    server.next('userinfo').respond(200, { 'Content-Type': 'application/jwt' }, signed);
    const isTaken = await alice.userInfo().then(
      () => true,
      (error: unknown) => !(error instanceof TokenEndpointError),
    );
    expect(isTaken).toBe(isGood);
  });

  it('is an error on a client that acts for itself', async () => {
    const machine = await bootClient(machineClient(server, { issuer: server.issuer }));
    const error = await failure(machine.userInfo(), ConfigurationError);
    expect(error.message).toContain('userInfo() needs a user');
  });

  it('verifies a signed answer', async () => {
    const alice = (await boot()).for('alice');
    await authorize(alice, server);
    const signed = (claims: Record<string, unknown>) =>
      server
        .next('userinfo')
        .respond(200, { 'Content-Type': 'application/jwt' }, server.signIdToken(claims));
    signed({ sub: 'alice', iss: server.issuer, aud: 'client', name: 'Alice' });
    expect((await alice.userInfo())['name']).toBe('Alice');
    for (const wrong of [{ iss: 'https://evil.example' }, { aud: 'other' }, { sub: 'mallory' }]) {
      signed({ sub: 'alice', iss: server.issuer, aud: 'client', ...wrong });
      await failure(alice.userInfo(), TokenEndpointError);
    }
    const forged = server.signIdToken({ sub: 'alice' }, { alg: 'none' });
    server.next('userinfo').respond(200, { 'Content-Type': 'application/jwt' }, forged);
    await failure(alice.userInfo(), TokenEndpointError);
  });

  it('takes what a server says that does not speak OpenID Connect', async () => {
    const client = await bootClient(
      userClient(server, { userinfoEndpoint: `${server.apiUrl}/user` }),
    );
    const alice = await connectUser(client, server, 'alice');
    expect(await alice.userInfo()).toMatchObject({ path: '/api/user', subject: 'alice' });
  });

  it('says what is missing: a user, a token, an endpoint', async () => {
    const client = await boot();
    await failure(client.userInfo(), ConfigurationError);
    await failure(client.for('nobody').userInfo(), AuthorizationRequiredError);
    const other = await connectUser(await bootClient(userClient(server)), server, 'alice');
    const error = await failure(other.userInfo(), ConfigurationError);
    expect(error.message).toContain('Set userinfoEndpoint');
  });
});
