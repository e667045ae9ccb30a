import {
  ConfigurationError,
  DiscoveryError,
  TokenStoreError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClients, machineClient, startServer } from '../support/application.js';
import { FaultyStore } from '../support/faulty-store.js';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';

describe('checkServers', () => {
  it('tells of the clients with metadata, and of no others', async () => {
    const server = await startServer();
    const registry = await bootClients({
      clients: {
        known: machineClient(server, { issuer: server.issuer }),
        byUrl: machineClient(server, {
          metadataUrl: `${server.issuer}/.well-known/openid-configuration`,
        }),
        plain: machineClient(server),
      },
    });
    expect(await registry.checkServers()).toEqual([
      { client: 'known', issuer: server.issuer },
      { client: 'byUrl' },
    ]);
    expect(await registry.checkServers({ clients: ['plain'] })).toEqual([]);
  });

  it('answers with the typed error of a client whose server is out', async () => {
    const server = await startServer();
    const registry = await bootClients({
      clients: { known: machineClient(server, { issuer: server.issuer }) },
    });
    await server.stop();
    const [check] = await registry.checkServers();
    expect(check?.error).toBeInstanceOf(DiscoveryError);
    expect(check).toMatchObject({ client: 'known', error: { client: 'known' } });
  });

  it('asks ten at a time, and those that it did not come to the next time', async () => {
    const server = await startServer();
    const clients: Record<string, OAuthClientOptions> = {};
    for (let tenant = 0; tenant < 12; tenant += 1) {
      // Each reaches the server in a way of its own: else one would be asked for all.
      const transport = { timeout: 20_000 + tenant };
      clients[`tenant-${tenant}`] = machineClient(server, { issuer: server.issuer, transport });
    }
    const registry = await bootClients({ clients });
    const held = Array.from({ length: 10 }, () => server.next('discovery').hold());
    const first = await registry.checkServers({ timeoutMs: 300 });
    expect(first).toHaveLength(10);
    expect(first.filter(({ error }) => error === undefined)).toEqual([]);
    for (const one of held) one.release();
    const all = await registry.checkServers({ timeoutMs: 10_000 });
    expect(all).toHaveLength(12);
    expect(all.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(server.journal.count('discovery')).toBe(12);
  });

  it('refuses a name that nobody configures', async () => {
    const registry = await bootClients({ clients: {} });
    await failure(registry.checkServers({ clients: ['github'] }), ConfigurationError);
  });
});

describe('checkStore', () => {
  it('is content with a store that answers, and has it read one record', async () => {
    const store = new FaultyStore();
    const registry = await bootClients({ clients: {}, store });
    await registry.checkStore();
    expect(store.count('get')).toBe(1);
  });

  it('fails with an error that shows nothing of the driver', async () => {
    const store = new FaultyStore();
    const registry = await bootClients({ clients: {}, store });
    store.get = () => Promise.reject(new Error('redis://user:the-password@10.0.0.1'));
    const error = await failure(registry.checkStore(), TokenStoreError);
    expect(error.message).toBe(
      'The token store did not answer. Check the store and the connection to it.',
    );
    expect(leaks(error, { password: 'the-password' })).toEqual([]);
  });
});
