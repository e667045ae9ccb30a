import http, { Agent } from 'node:http';
import https from 'node:https';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EnvironmentProxies } from '../../lib/pipeline/environment-proxy.js';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { startProxy, type Proxy } from '../support/proxy.js';

const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

beforeEach(() => {
  for (const name of [...NAMES, ...NAMES.map((name) => name.toUpperCase())]) vi.stubEnv(name, '');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const named = (proxy: Proxy) => `http://127.0.0.1:${proxy.port}`;

describe('a proxy of the environment', () => {
  it.each(['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])(
    'is used by calls to the API when %s names it',
    async (name) => {
      const [server, proxy] = [await startServer(), await startProxy()];
      vi.stubEnv(name, named(proxy));
      const session = await bootClient(machineClient(server));
      await firstValueFrom(session.get('/things'));
      expect(proxy.asked).toEqual([`POST ${server.tokenEndpoint}`, `GET ${server.apiUrl}/things`]);
    },
  );

  it('is not used for a host that NO_PROXY exempts', async () => {
    const [server, proxy] = [await startServer(), await startProxy()];
    vi.stubEnv('http_proxy', named(proxy));
    vi.stubEnv('no_proxy', '127.0.0.1');
    const session = await bootClient(machineClient(server));
    expect((await firstValueFrom(session.get('/things'))).status).toBe(200);
    expect(proxy.asked).toEqual([]);
  });

  it('is not used where the client, or the call, says that there is none', async () => {
    const [server, proxy] = [await startServer(), await startProxy()];
    vi.stubEnv('http_proxy', named(proxy));
    const session = await bootClient(machineClient(server, { transport: { proxy: false } }));
    expect((await firstValueFrom(session.get('/things'))).status).toBe(200);
    const other = await bootClient(machineClient(server));
    await firstValueFrom(other.get('/things', { proxy: false }));
    expect(proxy.asked).toEqual([`POST ${server.tokenEndpoint}`]);
  });

  it('is noticed within a second when it comes later, and when it goes', async () => {
    const [server, proxy] = [await startServer(), await startProxy()];
    vi.useFakeTimers({ toFake: ['performance'] });
    const session = await bootClient(machineClient(server));
    const call = () => firstValueFrom(session.get('/things'));
    await call();
    vi.stubEnv('http_proxy', named(proxy));
    vi.advanceTimersByTime(1_000);
    const response = await call();
    expect(proxy.asked).toEqual([`GET ${server.apiUrl}/things`]);
    expect(response.config.proxy).toBeUndefined();
    vi.stubEnv('http_proxy', '');
    vi.advanceTimersByTime(1_000);
    await call();
    expect(proxy.asked).toHaveLength(1);
  });

  it('is noticed after the clock was put back, as it is when fake timers end', () => {
    const proxies = new EnvironmentProxies();
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(86_400_000);
    expect(proxies.concern({})).toBe(false);
    vi.useRealTimers();
    vi.stubEnv('http_proxy', 'http://proxy.test:3128');
    expect(proxies.concern({})).toBe(true);
  });

  it('leaves no trace in the config of a call that goes directly', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    const { config } = await firstValueFrom(session.get('/things'));
    expect(Object.keys(config)).not.toContain('proxy');
  });
});

describe('an agent', () => {
  it('is no reason to look for a proxy, unless it was made with one', () => {
    const proxies = new EnvironmentProxies();
    for (const agent of [http.globalAgent, https.globalAgent, new Agent({ keepAlive: true }), {}]) {
      expect(proxies.concern(agent)).toBe(false);
    }
    // As Node 24 makes them, and Node 22 with --use-env-proxy.
    const proxyEnv = { HTTP_PROXY: 'http://proxy.test:3128' };
    expect(proxies.concern({ options: { proxyEnv } })).toBe(true);
  });
});
