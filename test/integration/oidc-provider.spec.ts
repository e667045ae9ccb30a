import { firstValueFrom } from 'rxjs';
import {
  AuthorizationRequiredError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenResponse,
  type TokenSet,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startOidcServer, Visitor } from '../support/oidc-server.js';

const REDIRECT_URI = 'https://app.example/callback';

const web = {
  client_id: 'web',
  // What percent-encoding would change, and what a server may compare as it is.
  client_secret: 'web-secret_with.signs~1',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [REDIRECT_URI],
};
const machine = {
  client_id: 'machine',
  client_secret: 'machine-secret',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
};

const options = (issuer: string, more: Partial<OAuthClientOptions> = {}): OAuthClientOptions => ({
  issuer,
  clientId: web.client_id,
  clientSecret: web.client_secret,
  redirectUri: REDIRECT_URI,
  scope: ['openid', 'offline_access', 'read'],
  authorizationParams: { prompt: 'consent' },
  baseURL: issuer,
  allowInsecureHttp: true,
  ...more,
});

/** A client of the server, and alice, who has connected. */
async function connected() {
  const server = await startOidcServer([web]);
  const client = await bootClient(options(server.issuer));
  const binding = 'browser';
  const { url } = await client.for('alice').authorizationUrl({ binding, returnTo: '/settings' });
  const visitor = new Visitor('alice@server');
  const authorizationResponse = await visitor.authorize(url, REDIRECT_URI);
  const completed = await client.completeAuthorization({ authorizationResponse, binding });
  expect(completed).toMatchObject({ subject: 'alice', returnTo: '/settings' });
  return { server, client, alice: completed.session, authorizationResponse };
}

/** Stores a token as one that has ended. */
const expire = (session: OAuthSession, { raw }: TokenSet) =>
  session.setToken({ ...(raw as TokenResponse), expires_in: -10 });

describe('client credentials at oidc-provider', () => {
  it('bring a token, once for all, by endpoints that are discovered', async () => {
    const server = await startOidcServer([machine]);
    const session = await bootClient({
      issuer: server.issuer,
      clientId: machine.client_id,
      clientSecret: machine.client_secret,
      grant: 'client_credentials',
      scope: ['read'],
      baseURL: server.issuer,
      allowInsecureHttp: true,
    });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => session.accessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(await session.token()).toMatchObject({ tokenType: 'Bearer', scope: ['read'] });
    expect(server.grants).toEqual(['client_credentials']);
  });

  it.each(['client_secret_basic', 'client_secret_post'] as const)(
    'prove the client by %s',
    async (method) => {
      const client = { ...machine, token_endpoint_auth_method: method };
      const server = await startOidcServer([client]);
      const session = await bootClient({
        issuer: server.issuer,
        clientId: client.client_id,
        clientSecret: client.client_secret,
        clientAuthentication: { method },
        grant: 'client_credentials',
        allowInsecureHttp: true,
      });
      await session.accessToken();
      expect(server.grants).toEqual(['client_credentials']);
    },
  );

  it('of a wrong secret are an error that says what to check', async () => {
    const server = await startOidcServer([machine]);
    const session = await bootClient({
      issuer: server.issuer,
      clientId: machine.client_id,
      clientSecret: 'wrong',
      grant: 'client_credentials',
      allowInsecureHttp: true,
    });
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error).toMatchObject({ error: 'invalid_client', status: 401 });
    expect(error.message).toContain('clientSecret');
  });
});

describe('the authorization code at oidc-provider', () => {
  it('connects a user: proof key, nonce, issuer and ID token judged', async () => {
    const { alice, server } = await connected();
    const token = (await alice.token())!;
    expect(token.scope).toEqual(expect.arrayContaining(['openid', 'read']));
    expect(token.claims).toMatchObject({
      sub: 'alice@server',
      iss: server.issuer,
      aud: web.client_id,
    });
    const { data } = await firstValueFrom(alice.get('/me'));
    expect(data).toEqual({ sub: 'alice@server' });
  });

  it('is renewed by a refresh token that rotates, once for a hundred calls', async () => {
    const { alice, server } = await connected();
    const first = (await alice.token())!;
    const renewed = await alice.refreshToken();
    expect(renewed.refreshToken).not.toBe(first.refreshToken);
    expect(renewed.accessToken).not.toBe(first.accessToken);
    await expire(alice, renewed);
    const calls = Array.from({ length: 100 }, () => firstValueFrom(alice.get('/me')));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(server.grants).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
    expect(server.revoked).toBe(0);
  });

  it('is dead once its refresh token is used twice, and the user is asked for', async () => {
    const { alice, server } = await connected();
    const first = (await alice.token())!;
    await alice.refreshToken();
    await expire(alice, first);
    const error = await failure(alice.accessToken(), AuthorizationRequiredError);
    expect(error).toMatchObject({ reason: 'grant_revoked', subject: 'alice' });
    expect(server.revoked).toBe(1);
    expect(await alice.token()).toBeUndefined();
  });

  it('is revoked, at the server and here', async () => {
    const { alice, server } = await connected();
    const { accessToken } = (await alice.token())!;
    await alice.revokeToken();
    expect(await alice.token()).toBeUndefined();
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await fetch(`${server.issuer}/me`, { headers })).status).toBe(401);
    await failure(alice.accessToken(), AuthorizationRequiredError);
  });

  it('is refused when the same callback comes back, and nothing is exchanged again', async () => {
    const { client, server, authorizationResponse } = await connected();
    const call = client.completeAuthorization({ authorizationResponse, binding: 'browser' });
    await expect(call).rejects.toMatchObject({ code: 'mismatching_state' });
    expect(server.grants).toEqual(['authorization_code']);
  });
});

describe('discovery at oidc-provider', () => {
  it('is made at first use, and boot needs none', async () => {
    const server = await startOidcServer([web]);
    const unreachable = await bootClient(options('http://127.0.0.1:1'));
    expect(unreachable.clientName).toBe('client');
    const client = await bootClient(options(server.issuer));
    const { url } = await client.for('alice').authorizationUrl();
    expect(url.startsWith(`${server.issuer}/auth?`)).toBe(true);
  });

  it('of another issuer than the configured one is refused', async () => {
    const server = await startOidcServer([web]);
    const issuer = server.issuer.replace('127.0.0.1', 'localhost');
    const client = await bootClient(options(issuer));
    const call = client.for('alice').authorizationUrl();
    await expect(call).rejects.toMatchObject({ code: 'discovery' });
  });
});
