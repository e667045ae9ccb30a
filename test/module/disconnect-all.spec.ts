import {
  ConfigurationError,
  MemoryTokenStore,
  RegistrationUnavailableError,
  TokenEndpointError,
  TokenSet,
  TokenStoreError,
  type OAuthClientOptions,
  type OAuthClientRegistry,
  type TokenKey,
  type TokenStore,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClients,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';
import { startHost } from '../support/host.js';
import { PlainStore } from '../support/plain-store.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';

let server: FakeAuthorizationServer;
let client: OAuthClientOptions;
let repository: Registrations;
let store: MemoryTokenStore;
let registry: OAuthClientRegistry;

const boot = (
  clients: Record<string, OAuthClientOptions>,
  kept: TokenStore = store,
): Promise<OAuthClientRegistry> =>
  bootClients(fromRegistrations(repository, { clients, store: kept }));

/** Stores a grant of alice's under a name, whether or not there is such a client. */
const grant = async (key: Pick<TokenKey, 'client' | 'variant'>): Promise<void> => {
  const { refresh_token: _, ...issued } = server.issueTokens({ subject: 'alice' });
  const record = TokenSet.from(issued).toRecord();
  await store.set({ subject: 'alice', ...key }, record);
};

const left = async (): Promise<TokenKey[]> => {
  const keys: TokenKey[] = [];
  for await (const key of store.keys({ subject: 'alice' })) keys.push(key);
  return keys;
};

const hints = () =>
  server.journal.requests('revocation').map(({ form }) => form.get('token_type_hint'));

beforeEach(async () => {
  server = await startServer();
  client = userClient(server, { revocationEndpoint: server.revocationEndpoint });
  repository = new Registrations({ tenant: client });
  store = new MemoryTokenStore();
  registry = await boot({ github: client, gitlab: client, billing: machineClient(server) });
});

describe('disconnectAll', () => {
  it('revokes and forgets every grant of a user, and nobody else’s', async () => {
    const alice = await connectUser(registry.get('github'), server, 'alice');
    const bob = await connectUser(registry.get('github'), server, 'bob');
    const tenants = await connectUser(await registry.resolve('tenant'), server, 'alice');
    expect(await registry.disconnectAll('alice')).toEqual({
      clients: [
        { client: 'github', revoked: true },
        { client: 'tenant', revoked: true },
      ],
    });
    expect(await left()).toEqual([]);
    expect(await alice.token()).toBeUndefined();
    expect(await tenants.authorized()).toBe(false);
    expect(await bob.authorized()).toBe(true);
    expect(hints()).toHaveLength(4);
  });

  it('reports nothing of a user without grants', async () => {
    expect(await registry.disconnectAll('nobody')).toEqual({ clients: [] });
    expect(repository.asked).toEqual([]);
  });

  it('goes on after a failure, and says where it was', async () => {
    const broken = { ...client, revocationEndpoint: `${server.issuer}/nowhere` };
    const { revocationEndpoint: _, ...none } = client;
    registry = await boot({ broken, none, github: client });
    for (const name of registry.names()) await connectUser(registry.get(name), server, 'alice');
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([
      { client: 'broken', revoked: false, error: { code: 'token_endpoint' } },
      { client: 'none', revoked: false, error: { code: 'configuration' } },
      { client: 'github', revoked: true },
    ]);
    expect(clients[0]?.error).toBeInstanceOf(TokenEndpointError);
    expect(await left()).toEqual([]);
  });

  it('forgets what clients have left that are gone, and says that it was not revoked', async () => {
    await grant({ client: 'gone' });
    await grant({ client: 'gone', variant: '[["mail"],null,null]' });
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([{ client: 'gone', revoked: false }]);
    expect(clients[0]?.error).toBeInstanceOf(ConfigurationError);
    expect(await left()).toEqual([]);
  });

  it('forgets the grants of tenants whose registration cannot be read', async () => {
    await grant({ client: 'tenant' });
    repository.gate = Promise.reject(new Error('down'));
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([{ client: 'tenant', revoked: false }]);
    expect(clients[0]?.error).toBeInstanceOf(RegistrationUnavailableError);
    expect(await left()).toEqual([]);
  });

  it('revokes the token of a variant that is left without its grant', async () => {
    await grant({ client: 'github', variant: '[["mail"],null,null]' });
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toEqual([{ client: 'github', revoked: true }]);
    expect(hints()).toEqual(['access_token']);
    expect(await left()).toEqual([]);
  });

  it('forgets the grants of a client that acts for itself by now', async () => {
    await grant({ client: 'billing' });
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([{ client: 'billing', revoked: false }]);
    expect(await left()).toEqual([]);
  });

  it('asks every client that acts for users where the store cannot list its keys', async () => {
    registry = await boot({ github: client, billing: machineClient(server) }, new PlainStore());
    const alice = await connectUser(registry.get('github'), server, 'alice');
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toEqual([{ client: 'github', revoked: true }]);
    expect(await alice.token()).toBeUndefined();
  });

  it('says so when the store cannot list its keys now, and does what it can', async () => {
    const broken: TokenStore = new PlainStore();
    let isDown = false;
    broken.keys = async function* () {
      yield { client: 'github', subject: 'alice' };
      if (isDown) throw new Error('connection lost');
    };
    registry = await boot({ github: client }, broken);
    const alice = await connectUser(registry.get('github'), server, 'alice');
    isDown = true;
    const { clients, error } = await registry.disconnectAll('alice');
    expect(clients).toEqual([{ client: 'github', revoked: true }]);
    expect(error).toBeInstanceOf(TokenStoreError);
    expect(await alice.token()).toBeUndefined();
    expect(hints()).toEqual(['refresh_token', 'access_token']);
  });

  it('says so when the store is down', async () => {
    const faulty = new FaultyStore(store);
    registry = await boot({ github: client }, faulty);
    await connectUser(registry.get('github'), server, 'alice');
    faulty.fail('get', 'delete');
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([{ client: 'github', revoked: false }]);
    expect(clients[0]?.error).toBeInstanceOf(TokenStoreError);
  });

  it('deletes a record that cannot be read', async () => {
    const faulty = new FaultyStore(store);
    registry = await boot({ github: client }, faulty);
    await connectUser(registry.get('github'), server, 'alice');
    faulty.fail('get');
    const { clients } = await registry.disconnectAll('alice');
    expect(clients).toMatchObject([{ revoked: false, error: { code: 'token_store' } }]);
    expect(await left()).toEqual([]);
  });

  it('asks at most eight servers at a time', async () => {
    let [now, most] = [0, 0];
    const slow = await startHost((_request, response) => {
      most = Math.max(most, (now += 1));
      setImmediate(() => {
        now -= 1;
        response.end();
      });
    });
    const names = Array.from({ length: 20 }, (_, at) => `client-${at}`);
    const options = { ...client, revocationEndpoint: slow.origin };
    registry = await boot(Object.fromEntries(names.map((name) => [name, options])));
    await Promise.all(names.map((name) => grant({ client: name })));
    const { clients } = await registry.disconnectAll('alice');
    expect(clients.map((one) => one.client)).toEqual(names);
    expect(clients.every(({ revoked }) => revoked)).toBe(true);
    expect(most).toBeLessThanOrEqual(8);
  });

  it.each(['', null, undefined, 42])('refuses %j as a subject', async (subject) => {
    const error = await failure(registry.disconnectAll(subject as string), ConfigurationError);
    expect(error.message).toContain('disconnectAll() was given');
  });
});
