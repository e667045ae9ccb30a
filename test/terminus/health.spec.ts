import { MemoryTokenStore, type OAuthClientOptions } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { machineClient, startServer, userClient } from '../support/application.js';
import { FaultyStore } from '../support/faulty-store.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';
import { healthApplication, type Ask } from './health.fixtures.js';

const NO_RENEWALS = { succeeded: 0, failed: 0, ended: 0, failedShare: 0 };

async function start(ask?: Ask, more: Partial<OAuthClientOptions> = {}) {
  const clock = new TestClock();
  const server = await startServer({ now: () => clock.now() / 1000 });
  const { issuer } = server;
  const store = new FaultyStore(new MemoryTokenStore());
  const clients = {
    billing: machineClient(server, { issuer, ...more }),
    plain: userClient(server),
  };
  const { registry, health } = await healthApplication({ clients, store, clock }, ask);
  const discoveries = () => server.journal.count('discovery');
  return { clock, server, store, registry, health, discoveries };
}

describe('the health of OAuth clients', () => {
  it('is up, with what is known of each client', async () => {
    const { health, server } = await start();
    const { http, status, details } = await health();
    expect([http, status]).toEqual([200, 'ok']);
    expect(details['oauth']).toEqual({
      status: 'up',
      store: { status: 'up' },
      clients: {
        billing: {
          status: 'up',
          issuer: server.issuer,
          metadata: { reachable: true },
          renewals: NO_RENEWALS,
        },
        plain: { status: 'up', renewals: NO_RENEWALS },
      },
    });
    expect(server.journal.tokenRequests()).toEqual([]);
  });

  it('is 503 while the store is down, and says nothing of where it is', async () => {
    const { health, store } = await start();
    store.fail();
    const { http, status, details, text } = await health();
    expect([http, status]).toEqual([503, 'error']);
    expect(details['oauth']).toMatchObject({
      status: 'down',
      store: { status: 'down', message: 'The token store does not answer.' },
    });
    expect(text).not.toContain('ECONNREFUSED');
    store.recover();
    expect((await health()).http).toBe(200);
  });

  it('is degraded, and 200, while an authorization server is out', async () => {
    const { health, server } = await start();
    server.always('discovery').respond(503);
    const { http, status, details } = await health();
    expect([http, status]).toEqual([200, 'degraded']);
    expect(details['oauth']).toMatchObject({
      status: 'degraded',
      clients: {
        billing: {
          status: 'degraded',
          issuer: server.issuer,
          metadata: { reachable: false, error: 'discovery', httpStatus: 503 },
        },
        plain: { status: 'up' },
      },
    });
  });

  it('leaves out what it is told to', async () => {
    const { health, store, discoveries } = await start((oauth) =>
      oauth.isHealthy('oauth', { store: false, metadata: false, renewals: false }),
    );
    store.fail();
    const { http, details } = await health();
    expect(http).toBe(200);
    expect(details['oauth']).toEqual({
      status: 'up',
      clients: { billing: { status: 'up' }, plain: { status: 'up' } },
    });
    expect(discoveries()).toBe(0);
  });

  it('shows neither secrets nor subjects', async () => {
    const { health, server, registry } = await start();
    const alice = registry.get('plain').for('alice@example');
    await alice.setToken({ ...server.issueTokens() });
    server.always('token').respond(429, { 'Retry-After': '60' });
    await failure(alice.refreshToken(), Error);
    const { text } = await health();
    expect(text).toContain('"cooldown"');
    expect(text).not.toMatch(/alice|access_token|secret/);
  });

  it.each([
    ['a severity', { metadata: { severity: 'degrade' } }],
    ['a check', { cooldwon: false }],
    ['an option', { renewals: { maxFailedshare: 0.1 } }],
    ['a number', { renewals: { minRenewals: '10' } }],
  ])(
    'is an error where %s is misspelt, which would be healthy for ever',
    async (_what, options) => {
      const { health } = await start((oauth) => oauth.isHealthy('oauth', options as object));
      expect((await health()).http).toBe(500);
    },
  );

  it('is an error where a client is named that nobody configures', async () => {
    const { health } = await start((oauth) => oauth.isHealthy('oauth', { clients: ['bilin'] }));
    expect((await health()).http).toBe(500);
  });
});

describe('the metadata check', () => {
  const ask: Ask = (oauth) => oauth.metadataCheck('issuers', { severity: 'down' });

  it('asks once in a minute, however often it is asked itself', async () => {
    const { health, discoveries, clock } = await start(ask);
    await Promise.all([health(), health(), health()]);
    await health();
    expect(discoveries()).toBe(1);
    clock.advance(61);
    expect((await health()).http).toBe(200);
    expect(discoveries()).toBe(2);
  });

  it('does not flood a server that is out, and finds that it is back', async () => {
    const { health, server, clock, discoveries } = await start(ask);
    server.always('discovery').respond(500);
    expect((await health()).http).toBe(503);
    expect((await health()).http).toBe(503);
    expect(discoveries()).toBe(1);
    server.reset();
    clock.advance(61);
    expect((await health()).http).toBe(200);
  });

  it('waits no longer than it is told, and what comes later counts the next time', async () => {
    const { health, server, discoveries } = await start((oauth) =>
      oauth.metadataCheck('issuers', { timeoutMs: 100 }),
    );
    const held = server.next('discovery').hold();
    expect((await health()).status).toBe('degraded');
    await held.arrived;
    held.release();
    await expect.poll(async () => (await health()).status).toBe('ok');
    expect(discoveries()).toBe(1);
  });

  it('leaves what the client itself knows as it is', async () => {
    const { health, server, registry } = await start(ask, { tokenEndpoint: undefined });
    await registry.get('billing').accessToken();
    server.always('discovery').respond(500);
    expect((await health()).http).toBe(503);
    await registry.get('billing').refreshToken();
    expect(server.journal.tokenRequests()).toHaveLength(2);
  });
});

describe('the cooldown check', () => {
  it('says which client is left alone, until when and why', async () => {
    const { health, server, registry, clock } = await start((oauth) =>
      oauth.cooldownCheck('oauth', { severity: 'down', clients: ['billing'] }),
    );
    server.next('token').respond(429, { 'Retry-After': '60' });
    await failure(registry.get('billing').accessToken(), Error);
    const { http, details } = await health();
    expect(http).toBe(503);
    const until = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string;
    expect(details['oauth']).toEqual({
      status: 'down',
      clients: { billing: { status: 'down', cooldown: { until, error: '429' } } },
    });
    clock.advance(61);
    expect((await health()).http).toBe(200);
  });
});

describe('the renewal check', () => {
  it('fails when more than a share of enough renewals failed, and for so long', async () => {
    const { health, server, registry, clock } = await start((oauth) =>
      oauth.renewalCheck('oauth', {
        severity: 'down',
        clients: ['plain'],
        maxFailedShare: 0.25,
        minRenewals: 4,
        windowSeconds: 60,
      }),
    );
    const alice = registry.get('plain').for('alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    server.next('token').respond(400, {}, '{"error":"invalid_request"}');
    await failure(alice.refreshToken(), Error);
    expect((await health()).http).toBe(200);
    for (let round = 0; round < 3; round += 1) await alice.refreshToken();
    expect((await health()).http).toBe(200);
    server.next('token').respond(400, {}, '{"error":"invalid_request"}');
    await failure(alice.refreshToken(), Error);
    const { http, details } = await health();
    expect(http).toBe(503);
    const renewals = { succeeded: 3, failed: 2, ended: 0, failedShare: 0.4 };
    expect(details['oauth']).toEqual({
      status: 'down',
      clients: { plain: { status: 'down', renewals } },
    });
    clock.advance(71);
    expect((await health()).http).toBe(200);
  });

  it('takes no percentage for a share', async () => {
    const { health } = await start((oauth) => oauth.renewalCheck('oauth', { maxFailedShare: 50 }));
    expect((await health()).http).toBe(500);
  });
});

describe('the store check', () => {
  it('waits no longer than it is told', async () => {
    const { health, store } = await start((oauth) => oauth.storeCheck('store', { timeoutMs: 50 }));
    expect((await health()).http).toBe(200);
    store.get = () => new Promise(() => undefined);
    expect((await health()).http).toBe(503);
  });

  it('may count as degraded', async () => {
    const { health, store } = await start((oauth) =>
      oauth.storeCheck('store', { severity: 'degraded' }),
    );
    store.fail('get');
    const { http, details } = await health();
    expect([http, details['store']?.['status']]).toEqual([200, 'degraded']);
  });
});
