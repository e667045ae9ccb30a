import { Agent } from 'node:https';
import { firstValueFrom } from 'rxjs';
import {
  ConfigurationError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
  type TransportOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { startHost, type Host, type Received } from '../support/host.js';
import { startProxy } from '../support/proxy.js';

const authority = selfSigned('server');
const own = selfSigned('the client');
const encrypted = selfSigned('with a passphrase', 'the passphrase');
const TOKEN = JSON.stringify({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 });

/** A host that is token endpoint and API, and asks for the client's certificate. */
const secureHost = (requestCert = false): Promise<Host> =>
  startHost((_request, response) => response.end(TOKEN), {
    ...authority,
    requestCert,
    rejectUnauthorized: false,
  });

const client = (host: Host, transport: TransportOptions): OAuthClientOptions => ({
  clientId: 'client',
  clientSecret: 'secret',
  grant: 'client_credentials',
  tokenEndpoint: `${host.origin}/token`,
  baseURL: host.origin,
  transport,
});

const boot = (host: Host, transport: TransportOptions): Promise<OAuthSession> =>
  bootClient(client(host, transport));

const seen = ({ certificate }: Received) => certificate;

describe('a server with a certificate of its own making', () => {
  it('is refused where nobody vouches for it, and no token request is sent', async () => {
    const host = await secureHost();
    const session = await boot(host, {});
    const error = await failure(firstValueFrom(session.get('/things')), TokenEndpointError);
    expect(error.message).toMatch(/no connection \(\w*SELF_SIGNED\w*\)/);
    expect(host.requests).toEqual([]);
  });

  it('is refused by the API side, too, and the token is not sent', async () => {
    const [host, server] = [await secureHost(), await startServer()];
    const session = await bootClient(machineClient(server, { baseURL: host.origin }));
    await expect(firstValueFrom(session.get('/things'))).rejects.toMatchObject({
      code: expect.stringContaining('SELF_SIGNED') as string,
    });
    expect(host.requests).toEqual([]);
  });

  it('is trusted by both sides with transport.ca', async () => {
    const host = await secureHost();
    const session = await boot(host, { ca: authority.cert });
    await firstValueFrom(session.get('/things'));
    expect(host.requests.map(({ path }) => path)).toEqual(['/token', '/things']);
    expect(host.requests[1]?.headers.authorization).toBe('Bearer token');
  });

  it('is refused when it is another than transport.ca says', async () => {
    const host = await secureHost();
    const session = await boot(host, { ca: [selfSigned('server').cert, Buffer.from(own.cert)] });
    await failure(session.accessToken(), TokenEndpointError);
    expect(host.requests).toEqual([]);
  });
});

describe('the certificate of the client', () => {
  it.each([
    ['as text', own, 'the client'],
    ['with an encrypted key', { ...encrypted, passphrase: 'the passphrase' }, 'with a passphrase'],
    ['as bytes', { cert: Buffer.from(own.cert), key: Buffer.from(own.key) }, 'the client'],
  ])('is shown to the token endpoint and to the API: %s', async (_how, certificate, name) => {
    const host = await secureHost(true);
    const session = await boot(host, { ca: authority.cert, ...certificate });
    await firstValueFrom(session.get('/things'));
    expect(host.requests.map(seen)).toEqual([name, name]);
  });

  it('comes with an agent of the application, too', async () => {
    const host = await secureHost(true);
    const httpsAgent = new Agent({ ca: authority.cert, ...own });
    onTestFinished(() => httpsAgent.destroy());
    const session = await boot(host, { httpsAgent });
    await firstValueFrom(session.get('/things'));
    expect(host.requests.map(seen)).toEqual(['the client', 'the client']);
  });

  it('that cannot be read is an error without the key in it', async () => {
    const host = await secureHost(true);
    const wrong = { ca: authority.cert, ...encrypted, passphrase: 'a wrong one' };
    const error = await failure(boot(host, wrong), ConfigurationError);
    expect(error.problems.map(({ option }) => option)).toEqual(['transport.key']);
    expect(error.message).not.toContain('a wrong one');
    expect(host.requests).toEqual([]);
  });
});

describe('an agent of one call', () => {
  it('stays with it through hooks, redirects and a replay', async () => {
    const answers = [307, 401, 200];
    const host = await startHost(
      ({ path }, response) => {
        if (path === '/token') return response.end(TOKEN);
        const status = answers.shift() ?? 200;
        return response.writeHead(status, { location: '/other' }).end('{}');
      },
      { ...authority, requestCert: true, rejectUnauthorized: false },
    );
    const session = await boot(host, { ca: authority.cert });
    session.registerComplianceHook('protected_request', (sent) => ({ ...sent }));
    const httpsAgent = new Agent({ ca: authority.cert, ...own });
    onTestFinished(() => httpsAgent.destroy());
    await firstValueFrom(session.get('/things', { httpsAgent }));
    const calls = host.requests.filter(({ path }) => path !== '/token');
    expect(calls.map(seen)).toEqual(['the client', 'the client', 'the client']);
  });
});

describe('a proxy', () => {
  const auth = { username: 'user', password: 'proxy-password' };
  const basic = `Basic ${Buffer.from('user:proxy-password').toString('base64')}`;

  it('is used by both sides, with its credentials', async () => {
    const [server, proxy] = [await startServer(), await startProxy()];
    const transport = { proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.port, auth } };
    const session = await bootClient(machineClient(server, { transport }));
    const response = await firstValueFrom(session.get('/things'));
    expect(proxy.asked).toEqual([`POST ${server.tokenEndpoint}`, `GET ${server.apiUrl}/things`]);
    expect([...proxy.credentials]).toEqual([basic]);
    expect(JSON.stringify(response.config)).not.toContain('proxy-password');
  });

  it('sees nothing of a request over TLS', async () => {
    const [host, proxy] = [await secureHost(true), await startProxy()];
    const session = await boot(host, {
      ...own,
      ca: authority.cert,
      proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.port, auth },
    });
    await firstValueFrom(session.get('/things'));
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT 127.0.0.1:${host.port}`]));
    expect(host.requests.map(seen)).toEqual(['the client', 'the client']);
    expect(host.requests.every(({ headers }) => !headers['proxy-authorization'])).toBe(true);
  });

  it('that is down is a connection that was never made', async () => {
    const server = await startServer();
    const proxy = { protocol: 'http', host: '127.0.0.1', port: 1 };
    const refresh = { timeoutMs: 300 };
    const session = await bootClient(machineClient(server, { transport: { proxy }, refresh }));
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.message).toContain('no connection');
    expect(server.journal.count()).toBe(0);
  });
});
