import { TokenEndpointError, type OAuthClientOptions } from 'nestjs-oauth-client';
import type { ClientMetadata } from 'oidc-provider';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { authenticationWays, keyWay, strangeKey } from '../support/oidc-clients.js';
import { startOidcServer, Visitor } from '../support/oidc-server.js';

const REDIRECT_URI = 'https://app.example/callback';

/** A server that knows one machine, and that machine. */
async function start(metadata: ClientMetadata, options: Partial<OAuthClientOptions>) {
  const registered = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
  const server = await startOidcServer([{ ...registered, ...metadata }]);
  const session = await bootClient({
    issuer: server.issuer,
    clientId: metadata.client_id,
    grant: 'client_credentials',
    scope: ['read'],
    allowInsecureHttp: true,
    ...options,
  });
  return { server, session };
}

describe('a client at oidc-provider', () => {
  it.each(authenticationWays)('proves who it is by %s, each time', async (_way, way) => {
    const { server, session } = await start(way.metadata, way.options);
    const first = await session.accessToken();
    const second = (await session.refreshToken()).accessToken;
    expect(second).not.toBe(first);
    expect(server.refusals).toEqual([]);
    expect(server.grants).toEqual(['client_credentials', 'client_credentials']);
  });

  it.each<[string, Partial<OAuthClientOptions>]>([
    [
      'a key that the server does not know',
      { clientAuthentication: { method: 'private_key_jwt', key: strangeKey } },
    ],
    [
      'an assertion for another server',
      { clientAuthentication: { ...key(), audience: 'https://other.example' } },
    ],
    [
      'a secret in place of a key',
      { clientAuthentication: { method: 'client_secret_basic' }, clientSecret: 'secret' },
    ],
    ['nothing at all', { clientAuthentication: { method: 'none' } }],
  ])('is refused with %s, and told what to check', async (_what, options) => {
    const { server, session } = await start(keyWay.metadata, options);
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error).toMatchObject({ error: 'invalid_client', status: 401, endpoint: 'token' });
    expect(error.message).toContain('clientAuthentication');
    expect(server.refusals).toEqual(['invalid_client']);
  });

  it('is refused with a secret that is encoded in another way than the server wants', async () => {
    const [, way] = authenticationWays[0]!;
    const { session } = await start(way.metadata, {
      ...way.options,
      clientAuthentication: { method: 'client_secret_basic', encoding: 'raw' },
    });
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.error).toMatch(/^invalid_(client|request)$/);
    expect(error.message).not.toContain(way.options.clientSecret);
  });
});

describe('a public client at oidc-provider', () => {
  it('connects a user by its proof key alone, and renews', async () => {
    const server = await startOidcServer([
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [REDIRECT_URI],
      },
    ]);
    const client = await bootClient({
      issuer: server.issuer,
      clientId: 'app',
      redirectUri: REDIRECT_URI,
      scope: ['openid', 'read'],
      baseURL: server.issuer,
      allowInsecureHttp: true,
    });
    const { url } = await client.for('alice').authorizationUrl({ binding: 'browser' });
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
    const authorizationResponse = await new Visitor('alice').authorize(url, REDIRECT_URI);
    const completed = { authorizationResponse, binding: 'browser' };
    const { session } = await client.completeAuthorization(completed);
    await session.refreshToken();
    expect((await firstValueFrom(session.get('/me'))).data).toEqual({ sub: 'alice' });
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);
  });
});

/** The authentication that the server expects of this client. */
function key() {
  const { clientAuthentication: authentication } = keyWay.options;
  if (typeof authentication === 'object' && authentication.method === 'private_key_jwt') {
    return authentication;
  }
  throw new Error('This way has no key');
}
