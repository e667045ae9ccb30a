import { setImmediate as immediate } from 'node:timers/promises';
import { ConfigurationError, type OAuthClientOptions } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { defer, firstValueFrom, NEVER, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
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

describe('options that change', () => {
  it('are read again once they are old, and reach a session that is held', async () => {
    const clock = new TestClock();
    const repository = new Registrations({ tenant });
    const registrations = { repository, maxAgeSeconds: 60 };
    const registry = await bootClients(fromRegistrations(repository, { clock, registrations }));
    const held = (await registry.resolve('tenant')).for('alice');
    repository.clients.set('tenant', { ...tenant, scope: ['newer'] });
    clock.advance(59);
    expect(held.scope).toEqual([]);
    clock.advance(1);
    // The call that finds them old still goes with them, and has them read.
    expect(held.scope).toEqual([]);
    await immediate();
    expect(held.scope).toEqual(['newer']);
    expect(repository.asked).toEqual(['tenant', 'tenant']);
  });

  it('reach a session, and what an SDK keeps of it, as soon as the repository tells', async () => {
    const server = await startServer();
    const repository = new Registrations({ tenant: machineClient(server) });
    const registry = await bootClients(fromRegistrations(repository));
    const session = await registry.resolve('tenant');
    const { axiosRef } = session;
    await axiosRef.get('/first');
    const http = { headers: { 'x-tenant': 'newer' } };
    repository.change('tenant', machineClient(server, { tokenPlacement: 'query', http }));
    await immediate();
    const second = await firstValueFrom(session.get<{ headers: object }>('/second'));
    expect(second.data.headers).toMatchObject({ 'x-tenant': 'newer' });
    const third = await axiosRef.get<{ headers: object }>('/third');
    expect(third.data.headers).not.toHaveProperty('authorization');
  });

  it('in nothing leave the client as it runs', async () => {
    const clock = new TestClock();
    const options = () => ({
      ...tenant,
      authorizationParams: { prompt: ['a', 'b'] },
      scope: ['x'],
    });
    const repository = new Registrations({ tenant: options() });
    const registry = await bootClients(fromRegistrations(repository, { clock }));
    const { axiosRef } = (await registry.resolve('tenant')).for('alice');
    const before = (await registry.resolve('tenant')).for('alice').axiosRef.defaults;
    repository.change('tenant', { ...options(), pkce: undefined as never });
    await immediate();
    expect((await registry.resolve('tenant')).for('alice').axiosRef.defaults).toBe(before);
    expect(axiosRef.defaults).toBe(before);
  });

  it('while they are read are read once more', async () => {
    const repository = new Registrations({ tenant });
    const registry = await bootClients(fromRegistrations(repository));
    let proceed = () => {};
    const gate = new Promise<void>((resolve) => (proceed = resolve));
    const { find } = repository;
    repository.find = async (name) => {
      const found = await find.call(repository, name);
      if (repository.asked.length === 1) await gate;
      return found;
    };
    const resolved = registry.resolve('tenant');
    await immediate();
    repository.change('tenant', { ...tenant, clientId: 'newer' });
    proceed();
    expect((await resolved).clientId).toBe('newer');
    expect(repository.asked).toHaveLength(2);
  });

  it('are seen although the repository changes its own object in place', async () => {
    const options = { ...tenant, scope: ['one'] };
    const repository = new Registrations({ tenant: options });
    const registry = await bootClients(fromRegistrations(repository));
    const session = await registry.resolve('tenant');
    options.scope.push('two');
    expect(session.scope).toEqual(['one']);
    repository.change('tenant', options);
    await immediate();
    expect(session.scope).toEqual(['one', 'two']);
  });
});

describe('more clients than are kept ready', () => {
  const three = (server: FakeAuthorizationServer) => {
    const client = machineClient(server);
    return new Registrations({ one: client, two: client, three: client });
  };

  it('leave a session that is held at work, and one client to a name', async () => {
    const server = await startServer();
    const repository = three(server);
    const registrations = { repository, maxClients: 1 };
    const registry = await bootClients(fromRegistrations(repository, { registrations }));
    const one = await registry.resolve('one');
    await registry.resolve('two');
    await registry.resolve('three');
    expect((await firstValueFrom(one.get('/things'))).status).toBe(200);
    expect(await registry.resolve('one')).toBe(one);
    expect(repository.asked).toEqual(['one', 'two', 'three']);
  });

  it('do not disturb a renewal in flight', async () => {
    const server = await startServer();
    const repository = three(server);
    const registrations = { repository, maxClients: 1 };
    const registry = await bootClients(fromRegistrations(repository, { registrations }));
    const one = await registry.resolve('one');
    const held = server.next('token').hold();
    const call = firstValueFrom(one.get('/things'));
    await held.arrived;
    await registry.resolve('two');
    repository.change('one', { ...machineClient(server), scope: ['newer'] });
    await immediate();
    expect(one.scope).toEqual(['newer']);
    held.release();
    expect((await call).status).toBe(200);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });
});

describe('a client that is gone', () => {
  it('is a clear error in a session that is held, until it is back', async () => {
    const server = await startServer();
    const clock = new TestClock();
    const repository = new Registrations({ tenant: machineClient(server) });
    const registry = await bootClients(fromRegistrations(repository, { clock }));
    const held = await registry.resolve('tenant');
    const { axiosRef } = held;
    repository.change('tenant');
    await immediate();
    const error = await failure(() => held.clientId, ConfigurationError);
    expect(error.message).toContain('No client is configured or registered under this name.');
    await failure(axiosRef.get('/things'), ConfigurationError);
    await failure(registry.resolve('tenant'), ConfigurationError);
    repository.change('tenant', machineClient(server));
    await immediate();
    expect((await axiosRef.get('/things')).status).toBe(200);
    expect(await registry.resolve('tenant')).toBe(held);
  });
});

describe('the changes of a repository', () => {
  it('are listened to again after they failed, and what they may have missed is read again', async () => {
    let connections = 0;
    const repository = new Registrations({ tenant });
    const changes$ = defer(() => {
      connections += 1;
      return connections === 1 ? throwError(() => new Error('lost')) : NEVER;
    });
    const registry = await bootClients(
      fromRegistrations({ find: (name) => repository.find(name), changes$ }),
    );
    await registry.resolve('tenant');
    repository.clients.set('tenant', { ...tenant, clientId: 'newer' });
    await vi.waitFor(() => expect(connections).toBe(2), 3_000);
    expect((await registry.resolve('tenant')).clientId).toBe('newer');
  });
});
