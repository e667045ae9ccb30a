import { AuthorizationRequiredError, type OAuthSession } from 'nestjs-oauth-client';
import type { ClientMetadata } from 'oidc-provider';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { authenticationWays, keyWay, type AuthenticationWay } from '../support/oidc-clients.js';
import { startOidcServer, Visitor } from '../support/oidc-server.js';

const REDIRECT_URI = 'https://app.example/callback';
const publicClient: AuthenticationWay = {
  metadata: { client_id: 'app', token_endpoint_auth_method: 'none' },
  options: { clientId: 'app' },
};
const userWays: [string, AuthenticationWay][] = [
  ['no authentication', publicClient],
  ['client_secret_basic', authenticationWays[0]![1]],
  ['private_key_jwt', keyWay],
];

const startServer = (client: ClientMetadata) =>
  startOidcServer([client], {
    features: { introspection: { enabled: true, allowedPolicy: () => true } },
  });

/** A server, and a client that acts for itself there. */
async function machine({ metadata, options }: AuthenticationWay) {
  const server = await startServer({
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...metadata,
  });
  const session = await bootClient({
    issuer: server.issuer,
    grant: 'client_credentials',
    scope: ['read'],
    allowInsecureHttp: true,
    ...options,
  });
  return { server, session };
}

/** A server, and a user who has connected there. */
async function connected({ metadata, options }: AuthenticationWay = publicClient) {
  const server = await startServer({
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [REDIRECT_URI],
    ...metadata,
  });
  const client = await bootClient({
    issuer: server.issuer,
    redirectUri: REDIRECT_URI,
    scope: ['openid', 'read'],
    baseURL: server.issuer,
    allowInsecureHttp: true,
    ...options,
  });
  const { url } = await client.for('alice').authorizationUrl({ binding: 'browser' });
  const authorizationResponse = await new Visitor('alice@server').authorize(url, REDIRECT_URI);
  const callback = { authorizationResponse, binding: 'browser' };
  const { session: alice, token } = await client.completeAuthorization(callback);
  return { server, alice, refreshToken: token.refreshToken!, accessToken: token.accessToken };
}

const isActive = async (session: OAuthSession, token: string) =>
  (await session.introspectToken({ token })).active;

describe('introspection and revocation at oidc-provider', () => {
  it.each(authenticationWays)('are open to a machine that comes by %s', async (_name, way) => {
    const { session } = await machine(way);
    const token = await session.accessToken();
    expect(await session.introspectToken()).toMatchObject({
      active: true,
      client_id: way.metadata.client_id,
      scope: 'read',
      token_type: 'Bearer',
    });
    await session.revokeToken();
    expect(await session.introspectToken({ token })).toEqual({ active: false });
    expect(await session.token()).toBeUndefined();
  });

  it.each(userWays)('are open to a client of users that comes by %s', async (_name, way) => {
    const { alice, accessToken, refreshToken } = await connected(way);
    expect(await alice.introspectToken()).toMatchObject({ active: true, sub: 'alice@server' });
    const hinted = await alice.introspectToken({ token: refreshToken, hint: 'refresh_token' });
    expect(hinted).toMatchObject({ active: true, sub: 'alice@server' });
    await alice.revokeToken();
    expect(await isActive(alice, refreshToken)).toBe(false);
    expect(await isActive(alice, accessToken)).toBe(false);
    await failure(alice.accessToken(), AuthorizationRequiredError);
  });

  it('may be authenticated otherwise than token requests, and are judged by the server', async () => {
    const { metadata, options } = keyWay;
    const server = await startServer({
      ...metadata,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    });
    const session = await bootClient({
      issuer: server.issuer,
      ...options,
      introspectionAuthentication: { method: 'none' },
      grant: 'client_credentials',
      allowInsecureHttp: true,
    });
    await session.accessToken();
    await expect(session.introspectToken()).rejects.toMatchObject({
      endpoint: 'introspection',
      error: 'invalid_client',
      status: 401,
    });
    await session.revokeToken();
  });
});

describe('one token of a grant at oidc-provider', () => {
  it('takes the others with it where it is an access token, and the user is asked for', async () => {
    const { alice, accessToken, refreshToken } = await connected();
    await alice.revokeToken({ token: accessToken, hint: 'access_token' });
    expect(await isActive(alice, accessToken)).toBe(false);
    expect(await isActive(alice, refreshToken)).toBe(false);
    const error = await failure(firstValueFrom(alice.get('/me')), AuthorizationRequiredError);
    expect(error).toMatchObject({ reason: 'grant_revoked', subject: 'alice' });
  });

  it('takes the grant with it where it is a refresh token', async () => {
    const { server, alice, accessToken, refreshToken } = await connected();
    await alice.revokeToken({ token: refreshToken, hint: 'refresh_token' });
    expect(server.revoked).toBe(1);
    expect(await isActive(alice, accessToken)).toBe(false);
  });

  it('is worth nothing once it has been rotated, and its successor is stored', async () => {
    const { server, alice, refreshToken } = await connected();
    const used = [refreshToken];
    for (const _renewal of [1, 2, 3]) used.push((await alice.refreshToken()).refreshToken!);
    expect(new Set(used).size).toBe(4);
    const active = await Promise.all(used.map((token) => isActive(alice, token)));
    expect(active).toEqual([false, false, false, true]);
    expect((await alice.token())?.refreshToken).toBe(used.at(-1));
    expect(server.revoked).toBe(0);
  });
});
