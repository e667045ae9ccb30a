import {
  AuthorizationRequiredError,
  ConfigurationError,
  MemoryTokenStore,
  MissingTokenError,
  type OAuthClientOptions,
  type OAuthClientRegistry,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { setImmediate as immediate } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import {
  bootClients,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost, type Host } from '../support/host.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';

const TOKEN = JSON.stringify({ access_token: 'stolen', token_type: 'Bearer', expires_in: 3600 });

let server: FakeAuthorizationServer;
/** What a tenant's admin has set up to collect what is sent to it. */
let thief: Host;
let client: OAuthClientOptions;
let repository: Registrations;
let store: MemoryTokenStore;
let registry: OAuthClientRegistry;
let alice: OAuthSession;

const change = async (more: Partial<OAuthClientOptions>): Promise<void> => {
  repository.change('tenant', { ...client, ...more });
  await immediate();
};

const ended = async (): Promise<void> => {
  const token = await alice.token();
  await alice.setToken({ ...token!.toRecord(), expiresAt: 1 });
};

const notConnected = async (asked: Promise<unknown>): Promise<void> => {
  const error = await failure(asked, AuthorizationRequiredError);
  expect(error).toMatchObject({ client: 'tenant', subject: 'alice', reason: 'no_token' });
};

beforeEach(async () => {
  server = await startServer();
  thief = await startHost((_request, response) => response.end(TOKEN));
  const { revocationEndpoint } = server;
  client = userClient(server, { revocationEndpoint });
  repository = new Registrations({ tenant: client });
  store = new MemoryTokenStore();
  registry = await bootClients(fromRegistrations(repository, { store }));
  alice = await connectUser(await registry.resolve('tenant'), server, 'alice', { scope: 'read' });
});

describe('a grant whose registration came to name another place', () => {
  it.each<keyof OAuthClientOptions>([
    'tokenEndpoint',
    'issuer',
    'metadataUrl',
    'revocationEndpoint',
    'introspectionEndpoint',
    'userinfoEndpoint',
    'baseURL',
  ])('is not connected, and nothing of it is sent there: %s', async (option) => {
    await ended();
    await change({ [option]: `${thief.origin}/collect` });
    await notConnected(alice.accessToken());
    await notConnected(alice.refreshToken());
    expect(await alice.token()).toBeUndefined();
    expect(await alice.authorized()).toBe(false);
    expect(thief.requests).toEqual([]);
  });

  it('is not connected while its access token is valid and at hand', async () => {
    await firstValueFrom(alice.get('/things'));
    await change({ allowedOrigins: [new URL(server.apiUrl).origin, thief.origin] });
    await notConnected(firstValueFrom(alice.get(`${thief.origin}/collect`)));
    await notConnected(firstValueFrom(alice.with({ scope: ['read'] }).get('/things')));
    expect(thief.requests).toEqual([]);
  });

  it('is not connected at another client of the same server', async () => {
    await change({ clientId: 'other' });
    await notConnected(alice.accessToken());
  });

  it('tells neither introspection nor revocation of its tokens', async () => {
    const introspectionEndpoint = `${thief.origin}/introspect`;
    await change({ introspectionEndpoint, revocationEndpoint: `${thief.origin}/revoke` });
    await failure(alice.introspectToken(), MissingTokenError);
    await alice.revokeToken();
    expect(thief.requests).toEqual([]);
    expect(await store.get({ client: 'tenant', subject: 'alice' })).toBeUndefined();
  });

  it('is forgotten and reported as not revoked when the user is signed out', async () => {
    await alice.with({ scope: ['read'] }).accessToken();
    await change({ revocationEndpoint: `${thief.origin}/revoke` });
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([{ client: 'tenant', revoked: false }]);
    expect(clients[0]?.error).toBeInstanceOf(ConfigurationError);
    expect(thief.requests).toEqual([]);
    expect(await store.get({ client: 'tenant', subject: 'alice' })).toBeUndefined();
  });

  it('is not connected for a process that reads it from the store', async () => {
    const tokenEndpoint = `${thief.origin}/token`;
    const changed = new Registrations({ tenant: { ...client, tokenEndpoint } });
    const other = await bootClients(fromRegistrations(changed, { store }));
    await notConnected((await other.resolve('tenant')).for('alice').refreshToken());
    expect(thief.requests).toEqual([]);
  });

  it('is connected again once the registration is as it was', async () => {
    await change({ tokenEndpoint: `${thief.origin}/token` });
    await notConnected(alice.accessToken());
    await change({});
    expect((await firstValueFrom(alice.get('/things'))).status).toBe(200);
  });

  it('is replaced when the user connects again', async () => {
    await change({ allowedOrigins: [new URL(server.apiUrl).origin, thief.origin] });
    await authorize(alice, server);
    expect((await firstValueFrom(alice.get('/things'))).status).toBe(200);
    expect((await alice.refreshToken()).refreshToken).toBeDefined();
    await change({});
    await notConnected(alice.accessToken());
  });

  it('comes to nothing from a renewal in flight', async () => {
    const held = server.next('token').hold();
    const renewed = alice.refreshToken();
    await held.arrived;
    await change({ baseURL: thief.origin });
    held.release();
    await renewed;
    await notConnected(firstValueFrom(alice.get('/collect')));
    expect(thief.requests).toEqual([]);
    await change({});
    expect((await firstValueFrom(alice.get('/things'))).status).toBe(200);
  });
});

describe('a grant stays connected', () => {
  it.each<[string, () => Partial<OAuthClientOptions>]>([
    ['secret', () => ({ clientSecret: 'newer' })],
    ['scope', () => ({ scope: ['newer'] })],
    ['path of the API', () => ({ baseURL: `${server.apiUrl}/v2` })],
    [
      'endpoint at the same server',
      () => ({ introspectionEndpoint: server.introspectionEndpoint }),
    ],
  ])('with another %s', async (_what, more) => {
    await change(more());
    expect((await firstValueFrom(alice.get('/things'))).status).toBe(200);
  });

  it('when its client moves from the code into the repository', async () => {
    const moved = new MemoryTokenStore();
    const own = await bootClients({ clients: { tenant: client }, store: moved });
    await connectUser(own.get('tenant'), server, 'alice');
    const then = await bootClients(fromRegistrations(repository, { store: moved }));
    const session = (await then.resolve('tenant')).for('alice');
    await session.refreshToken();
    expect((await firstValueFrom(session.get('/things'))).status).toBe(200);
  });

  it('in a client of the code, whose addresses are the application’s own', async () => {
    const own = await bootClients({ clients: { tenant: client }, store });
    expect(await own.get('tenant').for('alice').authorized()).toBe(true);
  });

  it('as a machine’s token, which any registration can have', async () => {
    const machine = machineClient(server);
    repository.change('machine', machine);
    const session = await registry.resolve('machine');
    const token = await session.accessToken();
    repository.change('machine', { ...machine, clientId: 'other' });
    await immediate();
    expect(await session.accessToken()).toBe(token);
  });
});
