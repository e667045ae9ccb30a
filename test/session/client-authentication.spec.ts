import { generateKeyPairSync, sign } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  ConfigurationError,
  TokenEndpointError,
  type ClientAuthentication,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer, FakeClient } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';

const SECRET = 'a secret that is long enough: 32 bytes';
const keys = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const publicPem = (alg: keyof typeof keys) =>
  keys[alg].publicKey.export({ type: 'spki', format: 'pem' }) as string;
const privatePem = (alg: keyof typeof keys) =>
  keys[alg].privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/** A server that knows the client in this way, and a session that authenticates in that way. */
async function start(
  registered: Omit<FakeClient, 'clientId'>,
  authentication: ClientAuthentication | undefined,
  more: Partial<OAuthClientOptions> = {},
): Promise<{ server: FakeAuthorizationServer; session: OAuthSession }> {
  const server = await startServer({ clients: [{ clientId: 'client', ...registered }] });
  const { clientSecret: _secret, ...options } = machineClient(server);
  const { revocationEndpoint, introspectionEndpoint } = server;
  const session = await bootClient({
    ...options,
    ...(registered.clientSecret !== undefined && { clientSecret: registered.clientSecret }),
    ...(authentication && { clientAuthentication: authentication }),
    revocationEndpoint,
    introspectionEndpoint,
    issuer: server.issuer,
    ...more,
  });
  return { server, session };
}

const tokenForm = (server: FakeAuthorizationServer) =>
  server.journal.requests('token').at(-1)!.form;
const assertionOf = (form: URLSearchParams) => form.get('client_assertion')!;

describe('client authentication at the token, revocation and introspection endpoint', () => {
  it.each<[string, Omit<FakeClient, 'clientId'>, ClientAuthentication | undefined]>([
    ['client_secret_basic', { clientSecret: 'a b+c:d%' }, undefined],
    [
      'client_secret_basic',
      { clientSecret: 'a b+c:d%', basicEncoding: 'raw' },
      { method: 'client_secret_basic', encoding: 'raw' },
    ],
    ['client_secret_post', { clientSecret: SECRET }, { method: 'client_secret_post' }],
    ['client_secret_jwt', { clientSecret: SECRET }, { method: 'client_secret_jwt' }],
    [
      'private_key_jwt',
      { key: publicPem('ES256') },
      { method: 'private_key_jwt', key: privatePem('ES256') },
    ],
  ])('by %s is accepted', async (method, registered, authentication) => {
    const authenticated = { ...registered, authentication: method as 'none' };
    const { server, session } = await start(authenticated, authentication);
    await session.accessToken();
    expect(await session.introspectToken()).toMatchObject({ active: true });
    await session.revokeToken();
    expect(server.journal.entries().filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('may be another one at each of them', async () => {
    const { server, session } = await start({ clientSecret: SECRET }, undefined, {
      revocationAuthentication: { method: 'client_secret_post' },
      introspectionAuthentication: { method: 'client_secret_jwt' },
    });
    await session.accessToken();
    await session.introspectToken();
    await session.revokeToken();
    const [token, introspection, revocation] = (
      ['token', 'introspection', 'revocation'] as const
    ).map((endpoint) => server.journal.requests(endpoint)[0]!);
    expect(token!.headers.authorization).toMatch(/^Basic /);
    expect(introspection!.form.has('client_assertion')).toBe(true);
    expect(revocation!.form.get('client_secret')).toBe(SECRET);
  });
});

describe('a client assertion', () => {
  it.each(['RS256', 'ES256', 'ES384', 'EdDSA'] as const)(
    'is signed with a key for %s, in every form of it',
    async (alg) => {
      const { privateKey } = keys[alg];
      for (const key of [
        privatePem(alg),
        Buffer.from(privatePem(alg)),
        privateKey,
        privateKey.export({ format: 'jwk' }),
        async () => privatePem(alg),
      ]) {
        const authentication: ClientAuthentication = { method: 'private_key_jwt', key };
        const { server, session } = await start({ key: publicPem(alg) }, authentication);
        await session.accessToken();
        expect(decodeProtectedHeader(assertionOf(tokenForm(server))).alg).toBe(alg);
      }
    },
  );

  it('names client, issuer and end, with an identifier of its own each time', async () => {
    const { server, session } = await start(
      { key: publicPem('ES256') },
      {
        method: 'private_key_jwt',
        key: privatePem('ES256'),
        kid: 'k1',
        claims: { tenant: 'acme' },
        lifetimeSeconds: 30,
      },
    );
    await session.accessToken();
    const first = decodeJwt(assertionOf(tokenForm(server)));
    expect(decodeProtectedHeader(assertionOf(tokenForm(server))).kid).toBe('k1');
    expect(first).toMatchObject({
      iss: 'client',
      sub: 'client',
      aud: server.issuer,
      tenant: 'acme',
    });
    expect(first.exp! - first.iat!).toBe(30);
    await session.refreshToken();
    expect(decodeJwt(assertionOf(tokenForm(server))).jti).not.toBe(first.jti);
  });

  it('is for the endpoint where no issuer is known, or for the audience of the options', async () => {
    const key = privatePem('ES256');
    const registered = { key: publicPem('ES256') };
    const plain = await start(
      registered,
      { method: 'private_key_jwt', key },
      { issuer: undefined },
    );
    await plain.session.accessToken();
    const { server } = plain;
    expect(decodeJwt(assertionOf(tokenForm(server))).aud).toBe(server.tokenEndpoint);
    const audience = ['https://one.example', 'https://two.example'];
    const named = await start(registered, { method: 'private_key_jwt', key, audience });
    await failure(named.session.accessToken(), TokenEndpointError);
    expect(decodeJwt(assertionOf(tokenForm(named.server))).aud).toEqual(audience);
  });

  it('is signed by a function, and its failure shows nothing', async () => {
    let down = false;
    const { session } = await start(
      { key: publicPem('ES256') },
      {
        method: 'private_key_jwt',
        alg: 'ES256',
        sign: (data) => {
          if (down) throw new Error('the service is down');
          return sign('sha256', data, {
            key: keys.ES256.privateKey,
            dsaEncoding: 'ieee-p1363',
          });
        },
      },
    );
    await session.accessToken();
    down = true;
    const error = await failure(session.refreshToken(), ConfigurationError);
    expect(error.message).toContain('could not be authenticated');
  });

  it('is signed with the key of the moment: keys change without a restart', async () => {
    let alg: 'ES256' | 'RS256' = 'ES256';
    const { server, session } = await start(
      { key: publicPem('ES256') },
      { method: 'private_key_jwt', key: () => privatePem(alg) },
    );
    await session.accessToken();
    alg = 'RS256';
    server.register({ clientId: 'client', key: publicPem('RS256') });
    await session.refreshToken();
    expect(decodeProtectedHeader(assertionOf(tokenForm(server))).alg).toBe('RS256');
  });
});

describe('authentication by a function', () => {
  it('may change everything of the request', async () => {
    const { server, session } = await start(
      { clientSecret: SECRET },
      async (request, { clientId, clientSecret }) => {
        await Promise.resolve();
        request.headers.set('x-signed', 'yes');
        request.url.searchParams.set('tenant', 'acme');
        request.form.set('client_id', clientId);
        request.form.set('client_secret', clientSecret!);
      },
    );
    await session.accessToken();
    const request = server.journal.requests('token')[0]!;
    expect(request.headers['x-signed']).toBe('yes');
    expect(request.query.get('tenant')).toBe('acme');
    expect(request.form.get('client_secret')).toBe(SECRET);
  });
});

describe('authentication by a certificate', () => {
  const authority = selfSigned('server');
  const TOKEN = JSON.stringify({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 });
  const host = () =>
    startHost((_request, response) => response.end(TOKEN), {
      ...authority,
      requestCert: true,
      rejectUnauthorized: false,
    });

  it('names the client in the form, and shows the certificate that is current', async () => {
    const server = await host();
    let own = selfSigned('first');
    const session = await bootClient({
      clientId: 'client',
      grant: 'client_credentials',
      clientAuthentication: { method: 'self_signed_tls_client_auth' },
      tokenEndpoint: `${server.origin}/token`,
      transport: { ca: authority.cert, cert: () => own.cert, key: async () => own.key },
    });
    await session.accessToken();
    own = selfSigned('second');
    await session.refreshToken();
    expect(server.requests.map(({ certificate }) => certificate)).toEqual(['first', 'second']);
    const forms = server.requests.map(({ body }) => new URLSearchParams(body));
    expect(forms.map((form) => form.get('client_id'))).toEqual(['client', 'client']);
  });

  it('goes to the mTLS addresses of the metadata', async () => {
    const tls = await host();
    const own = selfSigned('mine');
    const server = await startServer({
      metadata: { mtls_endpoint_aliases: { token_endpoint: `${tls.origin}/mtls/token` } },
    });
    const session = await bootClient({
      clientId: 'client',
      grant: 'client_credentials',
      clientAuthentication: { method: 'tls_client_auth' },
      issuer: server.issuer,
      allowInsecureHttp: true,
      transport: { ca: authority.cert, ...own },
    });
    await session.accessToken();
    expect(tls.requests.map(({ path }) => path)).toEqual(['/mtls/token']);
    expect(server.journal.count('token')).toBe(0);
  });

  it('is a typed error, and nothing is sent, where a function gives no certificate', async () => {
    const server = await host();
    const session = await bootClient({
      clientId: 'client',
      grant: 'client_credentials',
      clientAuthentication: { method: 'tls_client_auth' },
      tokenEndpoint: `${server.origin}/token`,
      transport: {
        cert: () => Promise.reject(new Error('no vault')),
        key: () => 'key',
      },
    });
    await failure(session.accessToken(), ConfigurationError);
    expect(server.requests).toEqual([]);
  });
});

describe('mistakes in client authentication', () => {
  it.each<[string, object, string[]]>([
    [
      'no key',
      { clientAuthentication: { method: 'private_key_jwt' } },
      ['clientAuthentication.key'],
    ],
    [
      'a key that is none',
      { revocationAuthentication: { method: 'private_key_jwt', key: 'secret-text' } },
      ['revocationAuthentication.key'],
    ],
    [
      'a signer without alg',
      { clientAuthentication: { method: 'private_key_jwt', sign: () => new Uint8Array() } },
      ['clientAuthentication.alg'],
    ],
    [
      'an algorithm that is none for a secret',
      { introspectionAuthentication: { method: 'client_secret_jwt', alg: 'RS256' } },
      ['introspectionAuthentication.alg'],
    ],
    [
      'no certificate',
      { clientAuthentication: { method: 'tls_client_auth' } },
      ['clientAuthentication'],
    ],
    [
      'a certificate that is none',
      { transport: { cert: 5, key: () => 'key' } },
      ['transport.cert'],
    ],
    [
      'no secret',
      { clientSecret: undefined, clientAuthentication: { method: 'client_secret_jwt' } },
      ['clientSecret'],
    ],
  ])('are found at boot: %s', async (_what, more, expected) => {
    const server = await startServer();
    const error = await failure(bootClient(machineClient(server, more)), ConfigurationError);
    expect(error.problems.map(({ option }) => option)).toEqual(expected);
    expect(error.message).not.toContain('secret-text');
  });
});
