import {
  ConfigurationError,
  RegistrationUnavailableError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClients, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';
import { TestClock } from '../support/test-clock.js';

const tenant: OAuthClientOptions = {
  clientId: 'tenant',
  clientSecret: 'secret',
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
};

describe('a client of a repository', () => {
  it('is called like any other', async () => {
    const server = await startServer();
    const repository = new Registrations({ 'tenant-42': machineClient(server) });
    const registry = await bootClients(fromRegistrations(repository));
    const session = await registry.resolve('tenant-42');
    const { data } = await firstValueFrom(session.get<{ client: string }>('/things'));
    expect(data.client).toBe('client');
    expect(session.clientName).toBe('tenant-42');
  });

  it('is read once for all who ask, and not again while it is young', async () => {
    const repository = new Registrations({ tenant });
    const registry = await bootClients(fromRegistrations(repository));
    const sessions = await Promise.all([1, 2, 3].map(() => registry.resolve('tenant')));
    sessions.push(await registry.resolve('tenant'));
    expect(new Set(sessions).size).toBe(1);
    expect(repository.asked).toEqual(['tenant']);
  });

  it('is not among the names, which a repository may have thousands of', async () => {
    const repository = new Registrations({ tenant });
    const registry = await bootClients(fromRegistrations(repository, { clients: { own: tenant } }));
    await registry.resolve('tenant');
    expect(registry.names()).toEqual(['own']);
    expect(registry.has('tenant')).toBe(false);
  });

  it('does not take the place of one that the application configures', async () => {
    const repository = new Registrations({ github: { ...tenant, clientId: 'attacker' } });
    const clients = { github: { ...tenant, clientId: 'own' } };
    const registry = await bootClients(fromRegistrations(repository, { clients }));
    expect((await registry.resolve('github')).clientId).toBe('own');
    expect(repository.asked).toEqual([]);
  });

  it('gives way to one that is registered later, in a session that is held, too', async () => {
    const repository = new Registrations({ tenant });
    const registry = await bootClients(fromRegistrations(repository));
    const held = await registry.resolve('tenant');
    registry.register('tenant', { ...tenant, clientId: 'registered' });
    expect(held.clientId).toBe('registered');
    expect((await registry.resolve('tenant')).clientId).toBe('registered');
  });

  it('with mistakes is refused with all of them, and read again', async () => {
    const repository = new Registrations({
      tenant: { ...tenant, clientId: '', pkce: 'S255' as 'S256' },
    });
    const registry = await bootClients(fromRegistrations(repository));
    const error = await failure(registry.resolve('tenant'), ConfigurationError);
    expect(error.problems).toMatchObject([
      { client: 'tenant', option: 'clientId' },
      { client: 'tenant', option: 'pkce' },
    ]);
    repository.clients.set('tenant', tenant);
    expect((await registry.resolve('tenant')).clientId).toBe('tenant');
  });

  it('inherits the defaults of the module', async () => {
    const server = await startServer();
    const repository = new Registrations({ tenant: machineClient(server) });
    const http = { headers: { 'x-app': 'mine' } };
    const registry = await bootClients(fromRegistrations(repository, { http }));
    const session = await registry.resolve('tenant');
    const { data } = await firstValueFrom(session.get<{ headers: object }>('/things'));
    expect(data.headers).toMatchObject({ 'x-app': 'mine' });
  });
});

describe('a name that nobody knows', () => {
  it('is an error that names no other client', async () => {
    const repository = new Registrations({ 'tenant-41': tenant });
    const registry = await bootClients(fromRegistrations(repository, { clients: { own: tenant } }));
    await registry.resolve('tenant-41');
    const error = await failure(registry.resolve('tenant-42'), ConfigurationError);
    expect(error.client).toBe('tenant-42');
    expect(error.message).not.toMatch(/tenant-41|own/);
  });

  it('is asked for again after some seconds, or when the repository tells of it', async () => {
    const clock = new TestClock();
    const repository = new Registrations();
    const registry = await bootClients(fromRegistrations(repository, { clock }));
    await failure(registry.resolve('tenant'), ConfigurationError);
    repository.clients.set('tenant', tenant);
    await failure(registry.resolve('tenant'), ConfigurationError);
    expect(repository.asked).toEqual(['tenant']);
    clock.advance(5);
    expect((await registry.resolve('tenant')).clientId).toBe('tenant');
    await failure(registry.resolve('other'), ConfigurationError);
    repository.change('other', tenant);
    expect((await registry.resolve('other')).clientId).toBe('tenant');
  });

  it.each([undefined, null, 42, '', 'x'.repeat(201), 'a\nb', 'a\u2028b', 'a\u202eb'])(
    'is not asked for when it is %j',
    async (name) => {
      const repository = new Registrations();
      const registry = await bootClients(fromRegistrations(repository));
      await failure(registry.resolve(name as string), ConfigurationError);
      expect(repository.asked).toEqual([]);
    },
  );

  it('lists the configured clients where there is no repository', async () => {
    const registry = await bootClients({ clients: { github: tenant } });
    const error = await failure(registry.resolve('gitlab'), ConfigurationError);
    expect(error.message).toContain('Configured are: github.');
  });
});

describe('a repository that is down', () => {
  it('is an error of its own, which is not kept', async () => {
    const repository = new Registrations({ tenant });
    const registry = await bootClients(fromRegistrations(repository));
    repository.gate = Promise.reject(new Error('connect to postgres://user:pass@db failed'));
    const error = await failure(registry.resolve('tenant'), RegistrationUnavailableError);
    expect(error).toMatchObject({ client: 'tenant', code: 'registration_unavailable' });
    repository.gate = Promise.resolve();
    expect((await registry.resolve('tenant')).clientId).toBe('tenant');
  });

  it('leaves what it said before in use', async () => {
    const clock = new TestClock();
    const repository = new Registrations({ tenant });
    const registry = await bootClients(fromRegistrations(repository, { clock }));
    const session = await registry.resolve('tenant');
    clock.advance(301);
    repository.gate = Promise.reject(new Error('down'));
    expect(await registry.resolve('tenant')).toBe(session);
    expect(repository.asked).toHaveLength(2);
    expect((await registry.resolve('tenant')).clientId).toBe('tenant');
    expect(repository.asked).toHaveLength(2);
    clock.advance(10);
    repository.gate = Promise.resolve();
    repository.clients.set('tenant', { ...tenant, clientId: 'newer' });
    expect((await registry.resolve('tenant')).clientId).toBe('newer');
  });
});

describe('the option registrations', () => {
  it.each([
    ['registrations', 'tenants'],
    ['registrations.repository', {}],
    ['registrations.repository', { repository: Registrations }],
    ['registrations.alowedHosts', { repository: new Registrations(), alowedHosts: [] }],
    ['registrations.allowedHosts', { repository: new Registrations(), allowedHosts: 'localhost' }],
    ['registrations.allowedHosts', { repository: new Registrations(), allowedHosts: ['*'] }],
    ['registrations.maxClients', { repository: new Registrations(), maxClients: 0 }],
    ['registrations.maxAgeSeconds', { repository: new Registrations(), maxAgeSeconds: '60' }],
  ])('is refused at boot with a mistake in %s', async (option, registrations) => {
    const options = { clients: {}, registrations: registrations as never };
    const error = await failure(bootClients(options), ConfigurationError);
    expect(error.problems.map((problem) => problem.option)).toEqual([option]);
  });

  it('wants an adapter by which addresses can be judged', async () => {
    const options = fromRegistrations(new Registrations(), { http: { adapter: 'fetch' } });
    const error = await failure(bootClients(options), ConfigurationError);
    expect(error.problems.map((problem) => problem.option)).toEqual(['http.adapter']);
  });
});
