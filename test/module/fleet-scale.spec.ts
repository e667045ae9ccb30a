import {
  ConfigurationError,
  DiscoveryError,
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { NEVER, lastValueFrom, Subject } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChangeFeed } from '../../lib/pipeline/change-feed.js';
import { TokenEventBus } from '../../lib/pipeline/token-events.js';
import { ClientDirectory } from '../../lib/session/client-directory.js';
import { ClientFigures } from '../../lib/session/client-figures.js';
import { bootApplication, bootClients, startServer, userClient } from '../support/application.js';
import { FaultyStore } from '../support/faulty-store.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => void (server = await startServer()));

async function tenants(count: number) {
  const { issuer } = server;
  const clients: Record<string, OAuthClientOptions> = {};
  for (let tenant = 0; tenant < count; tenant += 1) {
    clients[`tenant-${tenant}`] = userClient(server, { issuer });
  }
  const application = await bootApplication({ imports: [OAuthClientModule.forRoot({ clients })] });
  return {
    registry: application.get(OAuthClientRegistry),
    used: () => {
      const directory = application.get(ClientDirectory);
      return directory.names().filter((name) => directory.used(name));
    },
  };
}

describe('a thousand clients', () => {
  it('are not put together to tell how they are, nor to find nothing to renew', async () => {
    const { registry, used } = await tenants(1_000);
    const status = await registry.status();
    expect(status).toHaveLength(1_000);
    expect(status[0]).toMatchObject({ client: 'tenant-0', issuer: server.issuer, failing: 0 });
    await lastValueFrom(registry.renewExpiring({ within: 60 }));
    expect(used()).toEqual([]);
  });

  it('of one authorization server have it asked once', async () => {
    const { registry, used } = await tenants(1_000);
    const checks = await registry.checkServers({ timeoutMs: 10_000 });
    expect(checks).toHaveLength(1_000);
    expect(checks[999]).toEqual({ client: 'tenant-999', issuer: server.issuer });
    expect(server.journal.count('discovery')).toBe(1);
    expect(used()).toHaveLength(1);
  });

  it('of a server that is out are told of by their own names', async () => {
    const { registry } = await tenants(2);
    server.always('discovery').respond(503);
    const [one, other] = await registry.checkServers();
    expect(one).toMatchObject({ client: 'tenant-0', error: { client: 'tenant-0', status: 503 } });
    expect(other).toMatchObject({ client: 'tenant-1', error: { client: 'tenant-1', status: 503 } });
    expect(other?.error).toBeInstanceOf(DiscoveryError);
    expect(server.journal.count('discovery')).toBe(1);
  });
});

it('figures keep nothing of a renewal that nobody looks back to', () => {
  const events = new TokenEventBus(() => undefined);
  const feed: Pick<ChangeFeed, 'changes$'> = { changes$: NEVER };
  const figures = new ClientFigures(events, feed as ChangeFeed);
  const hour = 3_600_000;
  for (let at = 0; at <= 100 * hour; at += hour) {
    events.emit({ client: 'client', subject: '' }, { type: 'refreshed', at });
  }
  const all = figures.renewals('client', Number.MAX_SAFE_INTEGER, 0).succeeded;
  expect(all).toBe(2);
});

describe('options of calls over all clients', () => {
  it.each([1.5, 2 ** 31, 2 ** 40])('may be a timeoutMs of %d', async (timeoutMs) => {
    const store = new FaultyStore();
    const registry = await bootClients({ clients: { github: userClient(server) }, store });
    await registry.get('github').for('alice').setToken({ access_token: 'a' });
    const [github] = await registry.status({ timeoutMs });
    expect(github?.grants).toMatchObject({ total: 1 });
    expect(await registry.checkServers({ timeoutMs })).toEqual([]);
    await registry.checkStore({ timeoutMs });
  });

  it('do not have a store listed for no client', async () => {
    const store = new FaultyStore();
    store.keys = () => {
      throw new Error('asked');
    };
    const registry = await bootClients({ clients: { github: userClient(server) }, store });
    expect(await registry.status({ clients: [] })).toEqual([]);
  });

  it.each([
    [{ within: 1, signal: {} as AbortSignal }, 'Pass that of an AbortController.'],
    [{ within: 1, signal: new Subject() as never }, 'Pass that of an AbortController.'],
  ])('are refused where a signal is none', async (options, remedy) => {
    const registry = await bootClients({ clients: {} });
    const error = await failure(lastValueFrom(registry.renewExpiring(options)), ConfigurationError);
    expect(error.message).toContain(remedy);
  });

  it('are refused where grants is no boolean', async () => {
    const registry = await bootClients({ clients: {} });
    const error = await failure(registry.status({ grants: 'no' as never }), ConfigurationError);
    expect(error.message).toContain('Write true or false.');
  });
});
