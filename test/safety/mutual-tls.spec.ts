import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { firstValueFrom } from 'rxjs';
import {
  DiscoveryError,
  TokenEndpointError,
  type OAuthClientOptions,
  type TransportOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootClient } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { everywhereHere, startHost, type Host } from '../support/host.js';

const authority = selfSigned('server');
const own = selfSigned('first');
const next = selfSigned('second');
const TOKEN = JSON.stringify({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 });
const ASKING = { requestCert: true, rejectUnauthorized: false };

/** A host that is authorization server and API. */
const startSecure = (tls = {}): Promise<Host> =>
  startHost((_request, response) => response.end(TOKEN), { ...authority, ...tls });

const boot = (
  { origin }: Host,
  transport: TransportOptions,
  more: Partial<OAuthClientOptions> = {},
) =>
  bootClient({
    clientId: 'client',
    clientSecret: 'secret',
    grant: 'client_credentials',
    tokenEndpoint: `${origin}/token`,
    revocationEndpoint: `${origin}/revoke`,
    introspectionEndpoint: `${origin}/introspect`,
    baseURL: origin,
    transport,
    ...more,
  });

const certificates = ({ requests }: Host) => requests.map(({ certificate }) => certificate);

describe('a server with a certificate of its own making', () => {
  it('is refused at every endpoint where nobody vouches for it', async () => {
    const host = await startSecure();
    const session = await boot(host, {});
    const calls = {
      token: () => session.accessToken(),
      introspection: () => session.introspectToken({ token: 'token' }),
      revocation: () => session.revokeToken({ token: 'token' }),
    };
    for (const [endpoint, call] of Object.entries(calls)) {
      const error = await failure<TokenEndpointError>(call, TokenEndpointError);
      expect(error.endpoint).toBe(endpoint);
      expect(error.message).toMatch(/no connection \(\w*SELF_SIGNED\w*\)/);
    }
    expect(host.requests).toEqual([]);
  });

  it('is trusted at every endpoint with transport.ca', async () => {
    const host = await startSecure();
    const session = await boot(host, { ca: authority.cert });
    await session.revokeToken({ token: 'token' });
    await failure(session.introspectToken({ token: 'token' }), TokenEndpointError);
    expect(host.requests.map(({ path }) => path)).toEqual(['/revoke', '/introspect']);
  });

  it('is an error that names the remedy at the token endpoint', async () => {
    const session = await boot(await startSecure(), {});
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.message).toContain('transport.ca');
  });

  it('is an error that names the remedy at discovery', async () => {
    const host = await startSecure();
    const session = await bootClient({
      clientId: 'client',
      clientSecret: 'secret',
      grant: 'client_credentials',
      issuer: host.origin,
    });
    const error = await failure(session.accessToken(), DiscoveryError);
    expect(error.message).toContain('transport.ca');
  });

  it('is refused under a name that its certificate does not have', async () => {
    const host = await startSecure();
    const tokenEndpoint = `https://another.example:${host.port}/token`;
    const transport = { ca: authority.cert, ...everywhereHere };
    const session = await boot(host, transport, { tokenEndpoint });
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(host.requests).toEqual([]);
  });

  it('may get another certificate: transport.ca is asked again, without a restart', async () => {
    const renewed = selfSigned('server');
    const [before, after] = [await startSecure(), await startSecure(renewed)];
    let ca = authority.cert;
    const allowedOrigins = [before.origin, after.origin];
    const session = await boot(before, { ca: () => ca }, { allowedOrigins });
    await firstValueFrom(session.get('/things'));
    await expect(firstValueFrom(session.get(`${after.origin}/things`))).rejects.toMatchObject({
      code: expect.stringContaining('SELF_SIGNED') as string,
    });
    ca = renewed.cert;
    await firstValueFrom(session.get(`${after.origin}/things`));
    expect(after.requests.map(({ path }) => path)).toEqual(['/things']);
  });
});

describe('a server that lets in nobody without a certificate', () => {
  const strict = { requestCert: true, rejectUnauthorized: true, ca: [own.cert] };

  it('is reached with it, at the token side and at the API', async () => {
    const host = await startSecure(strict);
    const session = await boot(host, { ca: authority.cert, ...own });
    await firstValueFrom(session.get('/things'));
    expect(certificates(host)).toEqual(['first', 'first']);
  });

  it.each([
    ['none', {}],
    ['one that it does not trust', next],
  ])('is a typed error with %s, and gets no request', async (_what, certificate) => {
    const host = await startSecure(strict);
    const refresh = { timeoutMs: 500 };
    const session = await boot(host, { ca: authority.cert, ...certificate }, { refresh });
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.message).toContain('transport');
    expect(host.requests).toEqual([]);
  });
});

describe('a certificate that a function gives', () => {
  it('is used for the API as soon as it changes, and calls under way end with the old one', async () => {
    let current = own;
    const held: (() => void)[] = [];
    const host = await startHost(
      ({ path }, response) => {
        if (path === '/slow') held.push(() => response.end('{}'));
        else response.end(TOKEN);
      },
      { ...authority, ...ASKING },
    );
    const session = await boot(host, {
      ca: authority.cert,
      cert: () => current.cert,
      key: async () => current.key,
    });
    await session.accessToken();
    const slow = firstValueFrom(session.get('/slow'));
    await expect.poll(() => held).toHaveLength(1);
    current = next;
    await firstValueFrom(session.get('/things'));
    held[0]!();
    expect((await slow).status).toBe(200);
    expect(certificates(host)).toEqual(['first', 'first', 'second']);
  });

  it('and that is the same text each time keeps the connection', async () => {
    expect(await furtherConnections(() => own.cert)).toBe(0);
  });

  it('and that is the same bytes, read again each time, keeps the connection', async () => {
    expect(await furtherConnections(() => Buffer.from(own.cert))).toBe(0);
  });

  /** How many connections three calls make, after a first one, while the certificate stays. */
  async function furtherConnections(cert: () => string | Buffer): Promise<number> {
    const host = await startSecure(ASKING);
    const session = await boot(host, { ca: authority.cert, cert, key: () => own.key });
    await firstValueFrom(session.get('/things'));
    const before = host.connections;
    for (const _call of [1, 2, 3]) await firstValueFrom(session.get('/things'));
    return host.connections - before;
  }
});

describe('a certificate for one token request', () => {
  it('is shown by that request alone', async () => {
    const host = await startSecure(ASKING);
    const session = await boot(host, { ca: authority.cert, ...own });
    await session.fetchToken({ transport: next });
    await session.refreshToken();
    await firstValueFrom(session.get('/things'));
    expect(certificates(host)).toEqual(['second', 'first', 'first']);
  });
});

describe('NODE_EXTRA_CA_CERTS', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const script = 'test/support/oidc-token-request.process.ts';

  /** Runs the process that asks for a token and calls the API, with no environment but this. */
  async function printed({ origin }: Host, env: Record<string, string>): Promise<string> {
    const args = ['--import', './test/support/typescript.mjs', script, origin];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    return stdout.trim();
  }

  it('is enough for a process to trust such a server, at the token side and at the API', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-ca-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'authority.pem');
    await writeFile(file, authority.cert);
    const host = await startSecure();
    expect(await printed(host, { NODE_EXTRA_CA_CERTS: file })).toBe('200');
    expect(host.requests.map(({ path }) => path)).toEqual(['/token', '/things']);
  });

  it('is what such a process lacks without it', async () => {
    const host = await startSecure();
    expect(await printed(host, {})).toMatch(/no connection \(\w*SELF_SIGNED\w*\)/);
    expect(host.requests).toEqual([]);
  });
});
