import { setImmediate as immediate } from 'node:timers/promises';
import {
  ConfigurationError,
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootApplication,
  bootClients,
  machineClient,
  startServer,
} from '../support/application.js';
import { failure } from '../support/failure.js';

const client: OAuthClientOptions = {
  clientId: 'client',
  clientSecret: 'secret',
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
};

describe('the registry', () => {
  it('knows the clients of the root and of features, whatever configured them', async () => {
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forRoot({ clients: { github: client } }),
        OAuthClientModule.forFeature({ billing: client }),
        OAuthClientModule.forFeature(['github']),
      ],
    });
    const registry = application.get(OAuthClientRegistry);
    expect(registry.names().sort()).toEqual(['billing', 'github']);
    expect(registry.has('billing')).toBe(true);
    expect(registry.has('gitlab')).toBe(false);
    expect(registry.get('github').clientName).toBe('github');
    expect(registry.get('github')).toBe(registry.get('github'));
  });

  it('answers an unknown name with the known ones and a suggestion', async () => {
    const registry = await bootClients({ clients: { github: client, billing: client } });
    const error = await failure(() => registry.get('githbu'), ConfigurationError);
    expect(error.client).toBe('githbu');
    expect(error.message).toContain('Did you mean "github"? Configured are: github, billing.');
    const other = await failure(() => registry.get('something else'), ConfigurationError);
    expect(other.message).not.toContain('Did you mean');
    expect(registry.names()).toEqual(['github', 'billing']);
  });

  it('says so when no client is configured at all', async () => {
    const registry = await bootClients({ clients: {} });
    expect(() => registry.get('github')).toThrow('Configured are: none.');
  });
});

describe('register', () => {
  it('adds a client that can be called at once', async () => {
    const server = await startServer();
    const registry = await bootClients({ clients: {} });
    const tenant = registry.register('tenant-42', machineClient(server));
    const { data } = await firstValueFrom(tenant.get<{ client: string }>('/things'));
    expect(data.client).toBe('client');
    expect(registry.get('tenant-42')).toBe(tenant);
    expect(registry.names()).toEqual(['tenant-42']);
  });

  it('inherits the defaults of the module', async () => {
    const server = await startServer();
    const registry = await bootClients({ clients: {}, http: { headers: { 'x-app': 'mine' } } });
    const tenant = registry.register('tenant', machineClient(server));
    const { data } = await firstValueFrom(tenant.get<{ headers: object }>('/things'));
    expect(data.headers).toMatchObject({ 'x-app': 'mine' });
  });

  it('throws every mistake at once and leaves nothing', async () => {
    const registry = await bootClients({ clients: {} });
    const bad = { ...client, clientId: '', tokenEndpoint: 'http://login.example/token' };
    const error = await failure(() => registry.register('tenant', bad), ConfigurationError);
    expect(error.problems).toMatchObject([
      { client: 'tenant', option: 'clientId' },
      { client: 'tenant', option: 'tokenEndpoint' },
    ]);
    expect(registry.has('tenant')).toBe(false);
    expect(registry.names()).toEqual([]);
    expect(registry.register('tenant', client).clientId).toBe('client');
  });

  it('refuses a name that is taken, and leaves the client that has it', async () => {
    const registry = await bootClients({ clients: { github: client } });
    const other = { ...client, clientId: 'other' };
    const error = await failure(() => registry.register('github', other), ConfigurationError);
    expect(error.message).toMatch(/configured already.*unregister it first/s);
    expect(registry.get('github').clientId).toBe('client');
  });

  it.each([undefined, null, '', 42])('refuses %j as a name', async (name) => {
    const registry = await bootClients({ clients: {} });
    const register = () => registry.register(name as unknown as string, client);
    await failure(register, ConfigurationError);
    expect(registry.names()).toEqual([]);
  });
});

describe('unregister', () => {
  it('forgets the client; its sessions say that nobody configures it', async () => {
    const registry = await bootClients({ clients: { github: client } });
    const session = registry.get('github');
    await registry.unregister('github');
    expect(registry.has('github')).toBe(false);
    const users = await failure(() => session.for('alice'), ConfigurationError);
    expect(users.message).toContain('No client is configured under this name');
  });

  it('makes room for another client of the same name, which finds the stored tokens', async () => {
    const server = await startServer();
    const registry = await bootClients({ clients: {} });
    const first = registry.register('tenant', machineClient(server));
    await firstValueFrom(first.get('/first'));
    await registry.unregister('tenant');
    const second = registry.register('tenant', machineClient(server, { scope: ['more'] }));
    expect(second.scope).toEqual(['more']);
    await firstValueFrom(second.get('/second'));
    expect(server.journal.apiCalls(200)).toHaveLength(2);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('waits for a renewal in flight, whose caller still gets its answer', async () => {
    const server = await startServer();
    const registry = await bootClients({ clients: { tenant: machineClient(server) } });
    const held = server.next('token').hold();
    const call = firstValueFrom(registry.get('tenant').get<{ path: string }>('/things'));
    await held.arrived;
    const order: string[] = [];
    const ended = registry.unregister('tenant').then(() => order.push('unregistered'));
    // A turn of the event loop, in which an unregister() that did not wait would end.
    await immediate();
    order.push('released');
    held.release();
    expect((await call).data.path).toBe('/api/things');
    await ended;
    expect(order).toEqual(['released', 'unregistered']);
  });

  it('does nothing for a name that is not known', async () => {
    const registry = await bootClients({ clients: { github: client } });
    await registry.unregister('gitlab');
    expect(registry.names()).toEqual(['github']);
  });
});
