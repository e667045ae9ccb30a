import { Agent } from 'node:https';
import { firstValueFrom } from 'rxjs';
import {
  AuthorizationRequiredError,
  ConfigurationError,
  InsecureTransportError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
  type TransportOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootClient, machineClient, startServer, userClient } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { startHost, type Host } from '../support/host.js';

const authority = selfSigned('server');
const own = selfSigned('first');
const next = selfSigned('second');
const TOKEN = JSON.stringify({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 });
const ASKING = { ...authority, requestCert: true, rejectUnauthorized: false };

const secureHost = (): Promise<Host> =>
  startHost((_request, response) => response.end(TOKEN), ASKING);

const boot = (
  { origin }: Host,
  transport: TransportOptions,
  more: Partial<OAuthClientOptions> = {},
): Promise<OAuthSession> =>
  bootClient({
    clientId: 'client',
    clientSecret: 'secret',
    grant: 'client_credentials',
    tokenEndpoint: `${origin}/token`,
    baseURL: origin,
    transport,
    ...more,
  });

const openTo = ({ requests }: Host) =>
  new Set(requests.map(({ socket }) => socket).filter(({ destroyed }) => !destroyed)).size;

describe('what a function of transport gives', () => {
  it.each<[string, TransportOptions['ca']]>([
    ['bytes', () => Buffer.from(authority.cert)],
    ['a list', () => [authority.cert, Buffer.from(own.cert)]],
    ['text', async () => authority.cert],
  ])('and that is the same each time keeps one connection: %s', async (_what, ca) => {
    const host = await secureHost();
    const session = await boot(host, { ca });
    for (let count = 0; count < 5; count += 1) {
      await session.fetchToken();
      await firstValueFrom(session.get('/things'));
    }
    expect(host.connections).toBe(1);
  });

  it('and that has changed ends the idle connection of what it was before', async () => {
    const host = await secureHost();
    let current = own;
    const session = await boot(host, {
      ca: authority.cert,
      cert: () => current.cert,
      key: () => current.key,
    });
    await session.fetchToken();
    current = next;
    await session.fetchToken();
    await expect.poll(() => openTo(host)).toBe(1);
    expect(host.requests.map(({ certificate }) => certificate)).toEqual(['first', 'second']);
  });

  it('and that has changed leaves what is under way alone, and then ends its connection', async () => {
    const held: (() => void)[] = [];
    const host = await startHost(({ path }, response) => {
      if (path === '/slow') held.push(() => response.end('{}'));
      else response.end(TOKEN);
    }, ASKING);
    let current = own;
    const session = await boot(host, {
      ca: authority.cert,
      cert: () => current.cert,
      key: () => current.key,
    });
    const slow = firstValueFrom(session.get('/slow'));
    await expect.poll(() => held).toHaveLength(1);
    current = next;
    await session.fetchToken();
    held[0]!();
    expect((await slow).status).toBe(200);
    await expect.poll(() => openTo(host)).toBe(1);
  });

  it('is waited for no longer than refresh.timeoutMs', async () => {
    const host = await secureHost();
    const ca = () => new Promise<string>(() => undefined);
    const session = await boot(host, { ca }, { refresh: { timeoutMs: 100 } });
    const error = await failure(session.accessToken(), ConfigurationError);
    expect((error.cause as Error).message).toContain('100 ms');
  });

  it('is an error that names the option where it cannot be used, and nothing is sent', async () => {
    for (const [material, name] of [
      [{ ca: () => 'junk' }, 'ca'],
      [{ ca: authority.cert, cert: () => 'junk', key: () => own.key }, 'cert'],
      [{ ca: authority.cert, cert: () => own.cert, key: () => 'junk' }, 'key'],
      [{ ca: authority.cert, cert: () => own.cert, key: () => next.key }, 'key'],
    ] as const) {
      const host = await secureHost();
      const session = await boot(host, material);
      const error = await failure(session.accessToken(), ConfigurationError);
      expect(error.message).toContain(`transport.${name} `);
      expect(host.connections).toBe(0);
    }
  });

  it('and that cannot be used costs no user the grant', async () => {
    const server = await startServer({ tls: authority });
    let cert = own.cert;
    const session = await bootClient(
      userClient(server, { transport: { ca: authority.cert, cert: () => cert, key: own.key } }),
    );
    const alice = session.for('alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    cert = 'junk';
    await failure(alice.refreshToken(), ConfigurationError);
    cert = own.cert;
    server.next('token').respondJson(400, { error: 'invalid_grant' });
    const error = await failure(alice.refreshToken(), AuthorizationRequiredError);
    expect(error.reason).toBe('grant_revoked');
  });
});

describe('the transport of one call', () => {
  it('uses the connections of the client where it says nothing about TLS', async () => {
    const host = await secureHost();
    const session = await boot(host, { ca: authority.cert });
    for (let count = 0; count < 3; count += 1) {
      await session.fetchToken({ transport: { timeout: 5_000 } });
    }
    expect(host.connections).toBe(1);
  });

  it('keeps no connection of its own', async () => {
    const host = await secureHost();
    const session = await boot(host, { ca: authority.cert });
    await session.fetchToken({ transport: own });
    expect(host.requests[0]?.certificate).toBe('first');
    await expect.poll(() => openTo(host)).toBe(0);
  });

  it('wins over an agent of the client, and an agent over the client’s certificates', async () => {
    const host = await secureHost();
    const httpsAgent = new Agent({ ca: authority.cert, ...own });
    onTestFinished(() => httpsAgent.destroy());
    const byAgent = await boot(host, { httpsAgent });
    await byAgent.fetchToken({ transport: { ca: authority.cert, ...next } });
    const byMaterial = await boot(host, { ca: authority.cert, ...next });
    await byMaterial.fetchToken({ transport: { httpsAgent } });
    expect(host.requests.map(({ certificate }) => certificate)).toEqual(['second', 'first']);
  });

  it('may take longer than refresh.timeoutMs', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server, { refresh: { timeoutMs: 100 } }));
    server.always('token').delay(300);
    await session.fetchToken({ transport: { timeout: 5_000 } });
    expect(server.journal.count('token')).toBe(1);
    const error = await failure(session.fetchToken(), TokenEndpointError);
    expect(error.message).toContain('100 ms');
  });
});

describe('a token request that is changed to http://', () => {
  it.each(['a hook', 'an authentication'])('by %s is not sent', async (who) => {
    const [host, plain] = [await secureHost(), await startServer()];
    const url = new URL(plain.tokenEndpoint);
    const more: Partial<OAuthClientOptions> = {
      clientAuthentication: (request) => void (request.url = url),
    };
    const session = await boot(host, { ca: authority.cert }, who === 'a hook' ? {} : more);
    if (who === 'a hook') {
      session.registerComplianceHook('access_token_request', (sent) => ({ ...sent, url }));
    }
    await failure(session.accessToken(), InsecureTransportError);
    expect(plain.journal.count()).toBe(0);
    expect(host.requests).toEqual([]);
  });

  it('by a hook at the revocation endpoint is not sent', async () => {
    const [host, plain] = [await secureHost(), await startServer()];
    const revocationEndpoint = `${host.origin}/revoke`;
    const session = await boot(host, { ca: authority.cert }, { revocationEndpoint });
    const url = new URL(plain.revocationEndpoint);
    session.registerComplianceHook('revoke_token_request', (sent) => ({ ...sent, url }));
    await failure(session.revokeToken({ token: 'x' }), InsecureTransportError);
    expect(plain.journal.count()).toBe(0);
  });
});
