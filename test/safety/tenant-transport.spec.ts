import { once } from 'node:events';
import { Agent as HttpsAgent } from 'node:https';
import {
  ConfigurationError,
  TokenEndpointError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { bootClients, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { everywhereHere, startHost, type Host } from '../support/host.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';
import {
  authority,
  direct,
  rebound,
  refused,
  resolve,
  startInside,
  TOKEN,
  withoutProxies,
} from './tenant.fixtures.js';

withoutProxies();

describe('connections that are kept open', () => {
  it.each([
    ['of the module', undefined],
    ['of the registration', authority.cert],
  ])('end with the options that they were made for: certificates %s', async (_whose, ca) => {
    const endless = { ...authority, keepAliveTimeout: 0 };
    const inside = await startHost((_request, response) => response.end(TOKEN), endless);
    const httpsAgent = new HttpsAgent({ keepAlive: true, ca: authority.cert });
    const repository = new Registrations();
    const tenant = {
      ...direct(inside.origin),
      transport: ca === undefined ? {} : { ca },
    };
    repository.clients.set('tenant', tenant);
    const transport = ca === undefined ? { httpsAgent } : {};
    const registry = await bootClients(fromRegistrations(repository, { transport }));
    const session = await registry.resolve('tenant');
    await firstValueFrom(session.get('/things'));
    const { socket } = inside.requests.at(-1)!;
    const closed = once(socket, 'close');
    expect(socket.destroyed).toBe(false);
    repository.change('tenant', { ...tenant, scope: ['newer'] });
    await closed;
    expect((await firstValueFrom(session.get('/things'))).status).toBe(200);
  });
});

describe('a host that is allowed', () => {
  const tenantOf = async (inside: Host, host: string) => {
    const repository = new Registrations({ tenant: direct(rebound(inside)) });
    const registrations = { repository, allowedHosts: [host] };
    const transport = everywhereHere;
    return (await bootClients({ clients: {}, registrations, transport })).resolve('tenant');
  };

  it.each(['rebound.example', '*.example'])('may be on a private address: %s', async (host) => {
    const inside = await startInside();
    const session = await tenantOf(inside, host);
    // The certificate is of another name: the connection was made.
    await expect(session.accessToken()).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(inside.connections).toBeGreaterThan(0);
  });

  it('may be so at the port that is named alone', async () => {
    const inside = await startInside();
    const session = await tenantOf(inside, `rebound.example:${inside.port + 1}`);
    await refused(session.accessToken(), inside);
  });

  it('is called by its address, too', async () => {
    const inside = await startInside();
    const session = await resolve(direct(inside.origin));
    expect((await firstValueFrom(session.get('/things'))).status).toBe(200);
  });
});

describe('what would connect past the judge', () => {
  it.each([
    ['transport.proxy', { transport: { proxy: { host: '169.254.169.254', port: 80 } } }],
    ['transport.proxy', { transport: { proxy: false as const } }],
    ['transport.httpsAgent', { transport: { httpsAgent: new HttpsAgent() } }],
    ['http.adapter', { http: { adapter: 'fetch' } }],
    ['http.httpVersion', { http: { httpVersion: 2 as const } }],
    ['http.allowedSocketPaths', { http: { allowedSocketPaths: ['/'] } }],
  ])('is refused in a registration: %s', async (option, more) => {
    const tenant = { ...direct('https://login.example'), ...more } as OAuthClientOptions;
    const error = await failure(resolve(tenant), ConfigurationError);
    expect(error.problems).toMatchObject([{ client: 'tenant', option }]);
  });

  it('is refused in a call, of the API and of a token', async () => {
    const server = await startServer();
    const session = await resolve(machineClient(server));
    const proxy = { host: '127.0.0.1', port: 1 };
    const call = firstValueFrom(session.get('/things', { proxy }));
    expect((await failure(call, ConfigurationError)).message).toContain('may not set "proxy"');
    const own = { httpVersion: 2, http2Options: { host: '127.0.0.1' } } as object;
    await failure(firstValueFrom(session.get('/things', own)), ConfigurationError);
    await failure(session.fetchToken({ transport: { proxy } }), ConfigurationError);
    const { lookup } = everywhereHere;
    await failure(session.fetchToken({ transport: { lookup } }), ConfigurationError);
  });

  it('is refused when the environment names a proxy and the module does not', async () => {
    const inside = await startInside();
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${inside.port}`);
    const session = await resolve(direct('https://login.example'));
    const error = await failure(session.accessToken(), ConfigurationError);
    expect(error.message).toMatch(/names a proxy for login\.example.*Set transport\.proxy/s);
    expect(inside.connections).toBe(0);
  });

  it('is not the proxy of the environment where it exempts the host', async () => {
    const inside = await startInside();
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
    vi.stubEnv('NO_PROXY', 'other.example,.example');
    const session = await resolve(direct(rebound(inside)));
    await refused(session.accessToken(), inside);
  });

  it('is the application’s own decision as a proxy of the module', async () => {
    const proxy = await startHost();
    const { port } = proxy;
    const tenant = direct('https://login.example', { refresh: { timeoutMs: 300 } });
    const transport = { proxy: { protocol: 'http', host: '127.0.0.1', port } };
    const session = await resolve(tenant, { transport });
    // What it asks of the proxy is a tunnel, which this one does not make.
    await failure(session.accessToken(), TokenEndpointError);
    expect(proxy.connections).toBeGreaterThan(0);
  });
});
