import { createHash, X509Certificate } from 'node:crypto';
import { TokenEndpointError, type OAuthClientOptions } from 'nestjs-oauth-client';
import type { ClientMetadata } from 'oidc-provider';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { selfSigned, type Certificate } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { startOidcMtlsServer } from '../support/oidc-mtls-server.js';

type Method = 'tls_client_auth' | 'self_signed_tls_client_auth';

const own = selfSigned('the machine');
const successor = selfSigned('the machine, renewed');
/** The same name, and another key: nobody has registered it. */
const forged = selfSigned('the machine');

const jwkOf = ({ cert }: Certificate) => {
  const certificate = new X509Certificate(cert);
  const x5c = [certificate.raw.toString('base64')];
  return { ...certificate.publicKey.export({ format: 'jwk' }), x5c };
};

/** How the server knows the machine: by the name in its certificate, or by the certificate itself. */
const registered: Record<Method, Partial<ClientMetadata>> = {
  tls_client_auth: { tls_client_auth_subject_dn: 'CN=the machine' },
  self_signed_tls_client_auth: {
    jwks: { keys: [jwkOf(own), jwkOf(successor)] },
  },
};
const methods = Object.keys(registered) as Method[];

/** A server, and a machine there with options to connect to it. */
async function start(
  method: Method | 'client_secret_basic',
  metadata: Partial<ClientMetadata> = {},
) {
  const machine: ClientMetadata = {
    client_id: 'machine',
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: [],
    response_types: [],
    ...(method !== 'client_secret_basic' && registered[method]),
    ...metadata,
  };
  const started = await startOidcMtlsServer([machine], [own.cert]);
  const options = (more: Partial<OAuthClientOptions> = {}): OAuthClientOptions => ({
    issuer: started.server.issuer,
    clientId: 'machine',
    clientAuthentication: { method },
    grant: 'client_credentials',
    scope: ['read'],
    transport: { ca: started.ca, ...own },
    ...more,
  });
  return { ...started, options };
}

describe('a client with a certificate at oidc-provider', () => {
  it.each(methods)('proves who it is by %s, where the metadata says to come', async (method) => {
    const { server, shown, options } = await start(method);
    const session = await bootClient(options());
    const token = await session.accessToken();
    expect(await session.introspectToken()).toMatchObject({ active: true, client_id: 'machine' });
    await session.revokeToken();
    expect(await session.introspectToken({ token })).toEqual({ active: false });
    expect(shown).toEqual([
      ['/token', 'the machine'],
      ['/token/introspection', 'the machine'],
      ['/token/revocation', 'the machine'],
      ['/token/introspection', 'the machine'],
    ]);
    expect(server.grants).toEqual(['client_credentials']);
  });

  it.each(methods)('is refused with a certificate that is not its own: %s', async (method) => {
    const { ca, options } = await start(method);
    const session = await bootClient(options({ transport: { ca, ...forged } }));
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error).toMatchObject({ error: 'invalid_client', status: 401 });
    expect(error.message).toContain('clientAuthentication');
  });

  it('is refused with a name that is not the registered one', async () => {
    const metadata = { tls_client_auth_subject_dn: 'CN=another machine' };
    const { options } = await start('tls_client_auth', metadata);
    const error = await failure((await bootClient(options())).accessToken(), TokenEndpointError);
    expect(error.error).toBe('invalid_client');
  });

  it('goes on with its next certificate, without a restart', async () => {
    let current = own;
    const { ca, shown, options } = await start('self_signed_tls_client_auth');
    const transport = { ca, cert: () => current.cert, key: () => current.key };
    const session = await bootClient(options({ transport }));
    await session.accessToken();
    current = successor;
    await session.refreshToken();
    expect(shown).toEqual([
      ['/token', 'the machine'],
      ['/token', 'the machine, renewed'],
    ]);
  });

  it('begins the connection of a device there, too', async () => {
    const { mtlsOrigin, server, shown, options } = await start('self_signed_tls_client_auth');
    const session = await bootClient(options({ grant: 'device_code' }));
    const step = await firstValueFrom(session.for('alice').authorizeDevice$());
    expect(step).toMatchObject({ status: 'pending' });
    expect(shown).toEqual([['/device/auth', 'the machine']]);
    expect(mtlsOrigin).not.toBe(server.issuer);
  });

  it('has tokens that are bound to the certificate which its API calls show', async () => {
    const { ca, options } = await start('self_signed_tls_client_auth', {
      tls_client_certificate_bound_access_tokens: true,
    });
    const authority = selfSigned('an API');
    const asking = { ...authority, requestCert: true, rejectUnauthorized: false };
    const thumbprint = createHash('sha256').update(new X509Certificate(own.cert).raw);
    const api = await startHost(undefined, asking);
    const transport = { ca: [ca, authority.cert], ...own };
    const session = await bootClient(options({ baseURL: api.origin, transport }));
    await firstValueFrom(session.get('/things'));
    expect(api.requests.map(({ certificate }) => certificate)).toEqual(['the machine']);
    expect(await session.introspectToken()).toMatchObject({
      cnf: { 'x5t#S256': thumbprint.digest('base64url') },
    });
  });
});

describe('a client with a secret at a server that takes certificates, too', () => {
  it('comes to the common addresses, whatever certificate it has', async () => {
    const { server, shown, options } = await start('client_secret_basic', {
      client_secret: 'machine-secret',
    });
    const session = await bootClient(options({ clientSecret: 'machine-secret' }));
    await session.accessToken();
    expect(await session.introspectToken()).toMatchObject({ active: true });
    expect(shown).toEqual([]);
    expect(server.grants).toEqual(['client_credentials']);
  });
});
