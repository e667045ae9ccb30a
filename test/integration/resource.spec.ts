import { decodeJwt } from 'jose';
import { TokenEndpointError, type OAuthSession } from 'nestjs-oauth-client';
import type { Configuration } from 'oidc-provider';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { loadOidcProvider } from '../../sample/acme/oidc-provider.js';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { startOidcServer, Visitor } from '../support/oidc-server.js';

const REDIRECT_URI = 'https://app.example/callback';
const FILES = 'https://files.example/';
const MAIL = 'https://mail.example/';

/** Two APIs, whose tokens say whom they are for. */
const resourceIndicators: NonNullable<Configuration['features']>['resourceIndicators'] = {
  enabled: true,
  defaultResource: () => undefined,
  useGrantedResource: () => false,
  getResourceServerInfo: async (_context, resource) => {
    const { errors } = await loadOidcProvider();
    if (![FILES, MAIL].includes(resource)) throw new errors.InvalidTarget('no such API');
    const jwt = { sign: { alg: 'RS256' as const } };
    return { scope: 'read write', audience: resource, accessTokenFormat: 'jwt', jwt };
  },
};

const web = {
  client_id: 'web',
  client_secret: 'web-secret',
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  redirect_uris: [REDIRECT_URI],
};

const startServer = (more: Partial<Configuration> = {}) =>
  startOidcServer([web], {
    ...more,
    scopes: ['openid', 'offline_access', 'read', 'write'],
    features: { resourceIndicators },
  });

/** Alice, whose one consent is for both APIs; they are at one address here. */
async function connected(more?: Partial<Configuration>) {
  const [server, api] = [await startServer(more), await startHost()];
  const client = await bootClient({
    issuer: server.issuer,
    clientId: web.client_id,
    clientSecret: web.client_secret,
    redirectUri: REDIRECT_URI,
    scope: ['openid', 'offline_access', 'read', 'write'],
    scopePolicy: 'ignore',
    authorizationParams: { prompt: 'consent', resource: [FILES, MAIL] },
    baseURL: server.issuer,
    allowedOrigins: [server.issuer, api.origin],
    allowInsecureHttp: true,
  });
  const { url } = await client.for('alice').authorizationUrl({ binding: 'browser' });
  expect(new URL(url).searchParams.getAll('resource')).toEqual([FILES, MAIL]);
  const authorizationResponse = await new Visitor('alice@server').authorize(url, REDIRECT_URI);
  const callback = { authorizationResponse, binding: 'browser' };
  const { session: alice } = await client.completeAuthorization(callback);
  return { server, api, alice };
}

const audienceOf = async (session: OAuthSession) => decodeJwt(await session.accessToken()).aud;

describe('resources of one grant at oidc-provider', () => {
  it('have a token each, all from one refresh token', async () => {
    const { server, alice } = await connected();
    const [files, mail] = [alice.with({ resource: [FILES] }), alice.with({ resource: [MAIL] })];
    expect(await audienceOf(files)).toBe(FILES);
    expect(await audienceOf(mail)).toBe(MAIL);
    expect(await audienceOf(files)).toBe(FILES);
    expect((await firstValueFrom(alice.get('/me'))).data).toEqual({ sub: 'alice@server' });
    expect(server.grants).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
    expect((await files.token())?.refreshToken).toBeUndefined();
    expect((await mail.token())?.refreshToken).toBeUndefined();
  });

  it('are asked for at the same time, and no refresh token is spent twice', async () => {
    const { server, alice } = await connected();
    const asked = [FILES, MAIL, FILES, MAIL].map((resource) =>
      alice.with({ resource: [resource] }),
    );
    const audiences = await Promise.all([...asked, ...asked].map(audienceOf));
    expect(audiences).toEqual([FILES, MAIL, FILES, MAIL, FILES, MAIL, FILES, MAIL]);
    await alice.refreshToken();
    expect(server.grants.filter((grant) => grant === 'refresh_token')).toHaveLength(3);
    expect(server.revoked).toBe(0);
  });

  it('go with a smaller scope of their own', async () => {
    const { alice } = await connected();
    const reader = alice.with({ resource: [FILES], scope: ['read'] });
    expect(decodeJwt(await reader.accessToken())).toMatchObject({ aud: FILES, scope: 'read' });
    const all = await alice.with({ resource: [FILES] }).accessToken();
    expect(decodeJwt(all)).toMatchObject({ aud: FILES, scope: 'read write' });
  });

  it('are reached with the token that is for them, and with no other', async () => {
    const { api, alice } = await connected();
    await firstValueFrom(alice.with({ resource: [MAIL] }).get(`${api.origin}/inbox`));
    await firstValueFrom(alice.with({ resource: [FILES] }).get(`${api.origin}/files`));
    const sent = api.requests.map(({ headers }) => headers.authorization!.replace('Bearer ', ''));
    expect(sent.map((token) => decodeJwt(token).aud)).toEqual([MAIL, FILES]);
  });

  it('are named where the user is sent to agree to one of them', async () => {
    const client = await bootClient({
      clientId: web.client_id,
      redirectUri: REDIRECT_URI,
      authorizationEndpoint: 'https://login.example/authorize',
      tokenEndpoint: 'https://login.example/token',
    });
    const { url } = await client
      .for('alice')
      .with({ resource: [MAIL] })
      .authorizationUrl();
    expect(new URL(url).searchParams.getAll('resource')).toEqual([MAIL]);
  });

  it('that the server does not know are a typed error, and the grant goes on', async () => {
    // This server spends a refresh token that rotates before it looks at the resource.
    const { server, alice } = await connected({ rotateRefreshToken: false });
    const strange = alice.with({ resource: ['https://strange.example/'] });
    const error = await failure(strange.accessToken(), TokenEndpointError);
    expect(error).toMatchObject({ error: 'invalid_target', status: 400, subject: 'alice' });
    expect(await audienceOf(alice.with({ resource: [FILES] }))).toBe(FILES);
    expect(server.revoked).toBe(0);
  });
});

describe('resources of a machine at oidc-provider', () => {
  it('have a token each', async () => {
    const server = await startServer();
    const session = await bootClient({
      issuer: server.issuer,
      clientId: web.client_id,
      clientSecret: web.client_secret,
      grant: 'client_credentials',
      scope: ['read'],
      allowInsecureHttp: true,
    });
    const [files, mail] = [session.with({ resource: [FILES] }), session.with({ resource: [MAIL] })];
    expect(await Promise.all([files, mail, files].map(audienceOf))).toEqual([FILES, MAIL, FILES]);
    await session.accessToken();
    expect(server.grants).toHaveLength(3);
  });
});
