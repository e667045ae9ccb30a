import { inspect } from 'node:util';
import {
  ConfigurationError,
  MemoryTokenStore,
  OAuthClientRegistry,
  TokenSet,
  type OAuthClientModuleOptions,
  type TokenKey,
  type TokenRecord,
  type TokenResponse,
  type TokenStore,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClients, machineClient, startServer, userClient } from '../support/application.js';
import { FaultyStore } from '../support/faulty-store.js';
import { failure } from '../support/failure.js';
import { PlainStore } from '../support/plain-store.js';
import { TestClock } from '../support/test-clock.js';
import { SlowStore } from './slow-store.fixture.js';

const NOTHING = { total: 0, read: 0, expired: 0, expiring: 0, notRenewable: 0, unreadable: 0 };

async function boot(store: TokenStore, more: Partial<OAuthClientModuleOptions> = {}) {
  const clock = new TestClock();
  const server = await startServer({ now: () => clock.now() / 1000 });
  const registry = await bootClients({
    clients: { github: userClient(server), billing: machineClient(server) },
    store,
    clock,
    ...more,
  });
  const put = (key: TokenKey, response: Partial<TokenResponse>) =>
    store.set(key, record({ expires_in: 3600, ...response }, clock));
  return { clock, server, registry, put, store };
}

function record(response: Partial<TokenResponse>, clock: TestClock): TokenRecord {
  const token = { access_token: 'the-access-token', ...response };
  return TokenSet.from(token, { now: clock.now() / 1000 }).toRecord();
}

async function one(registry: OAuthClientRegistry, client: string, options = {}) {
  return (await registry.status({ ...options, clients: [client] }))[0]!;
}

describe('the grants in a status', () => {
  it('are counted by what is to become of them, variants left out', async () => {
    const { registry, put } = await boot(new MemoryTokenStore());
    const github = (subject: string) => ({ client: 'github', subject });
    await put(github('fresh'), { refresh_token: 'r' });
    await put(github('soon'), { refresh_token: 'r', expires_in: 200 });
    await put(github('over'), { refresh_token: 'r', expires_in: -5 });
    await put(github('lost'), { expires_in: -5 });
    await put(github('endless'), { expires_in: 0 });
    await put({ ...github('fresh'), variant: 'other' }, { expires_in: -5 });
    expect((await one(registry, 'github')).grants).toEqual({
      ...NOTHING,
      total: 5,
      read: 5,
      expired: 2,
      expiring: 1,
      notRenewable: 1,
    });
    expect((await one(registry, 'github', { within: 100 })).grants?.expiring).toBe(0);
  });

  it('of a machine need no refresh token', async () => {
    const { registry, put } = await boot(new MemoryTokenStore());
    await put({ client: 'billing', subject: '' }, { expires_in: -5 });
    const { grants } = await one(registry, 'billing');
    expect(grants).toEqual({ ...NOTHING, total: 1, read: 1, expired: 1 });
  });

  it('of clients that are not configured are counted, too, and marked', async () => {
    const { registry, put } = await boot(new MemoryTokenStore());
    await put({ client: 'tenant-2', subject: 'alice' }, {});
    await put({ client: 'tenant-1', subject: '' }, {});
    const all = await registry.status();
    expect(all.map(({ client, configured }) => [client, configured])).toEqual([
      ['github', true],
      ['billing', true],
      ['tenant-1', false],
      ['tenant-2', false],
    ]);
    expect(all[2]?.grants).toEqual({ ...NOTHING, total: 1, read: 1 });
    expect(all[3]?.grants).toEqual({ ...NOTHING, total: 1, read: 1, notRenewable: 1 });
  });

  it('are absent where the store cannot list them, or is not to be asked', async () => {
    const plain = await boot(new PlainStore());
    expect(await plain.registry.status()).toMatchObject([{ client: 'github' }, {}]);
    expect((await one(plain.registry, 'github')).grants).toBeUndefined();
    const store = new FaultyStore();
    const { registry } = await boot(store);
    expect((await one(registry, 'github', { grants: false })).grants).toBeUndefined();
    expect(store.count('get')).toBe(0);
  });

  it('are read up to a limit, a few at a time, and counted beyond it', async () => {
    const store = new SlowStore();
    const { registry, put } = await boot(store);
    for (let user = 0; user < 50; user += 1)
      await put({ client: 'github', subject: `${user}` }, {});
    const { grants } = await one(registry, 'github', { limit: 20, concurrency: 4 });
    expect(grants).toMatchObject({ total: 50, read: 20, incomplete: 'limit' });
    expect(store.most).toBe(4);
    const counted = await one(registry, 'github', { limit: 0 });
    expect(counted.grants).toEqual({ ...NOTHING, total: 50, incomplete: 'limit' });
  });

  it('are not looked for any longer than is allowed', async () => {
    const store = new SlowStore();
    const { registry, put } = await boot(store);
    await put({ client: 'github', subject: 'alice' }, {});
    store.hangs = true;
    const { grants } = await one(registry, 'github', { timeoutMs: 50 });
    expect(grants).toEqual({ ...NOTHING, total: 1, incomplete: 'time' });
  });

  it('that cannot be read are counted as such', async () => {
    const store = new FaultyStore();
    const { registry, put } = await boot(store);
    await put({ client: 'github', subject: 'alice' }, {});
    store.fail('get');
    expect((await one(registry, 'github')).grants).toEqual({ ...NOTHING, total: 1, unreadable: 1 });
  });

  it('say so where the store fails to list them', async () => {
    const store = new FaultyStore();
    store.keys = async function* () {
      yield { client: 'github', subject: 'gone' };
      throw new Error('ECONNRESET');
    };
    const { registry } = await boot(store);
    const [github, billing] = await registry.status();
    expect(github?.grants).toEqual({ ...NOTHING, incomplete: 'store' });
    expect(billing?.grants).toEqual({ ...NOTHING, incomplete: 'store' });
  });
});

describe('what a status says of failures', () => {
  it('is the last error, the failing grants and the rest that the server was given', async () => {
    const { registry, server, clock, put } = await boot(new MemoryTokenStore());
    await put({ client: 'github', subject: 'alice' }, { refresh_token: 'r' });
    server.always('token').respond(429, { 'Retry-After': '60' });
    const before = clock.now();
    await failure(registry.get('github').for('alice').refreshToken(), Error);
    const status = await one(registry, 'github');
    expect(status).toMatchObject({
      failing: 1,
      renewals: { succeeded: 0, failed: 1, ended: 0 },
      lastError: { code: '429', final: false },
      cooldown: { error: '429' },
    });
    expect(status.lastError!.at).toBeGreaterThanOrEqual(before);
    expect(status.cooldown!.until).toBeGreaterThanOrEqual(before + 60_000);
    clock.advance(61);
    server.reset('token');
    await registry
      .get('github')
      .for('alice')
      .setToken({ ...server.issueTokens() });
    await registry.get('github').for('alice').refreshToken();
    const after = await one(registry, 'github');
    expect(after.cooldown).toBeUndefined();
    expect(after).toMatchObject({ failing: 0, renewals: { succeeded: 1, failed: 1 } });
    expect(after.lastError?.code).toBe('429');
  });

  it('forgets what failed where another process has renewed it', async () => {
    const { registry, server, store } = await boot(new MemoryTokenStore());
    const alice = registry.get('github').for('alice');
    const token = await alice.setToken({ ...server.issueTokens() });
    server.always('token').respond(503);
    await failure(alice.refreshToken(), Error);
    expect((await one(registry, 'github')).failing).toBe(1);
    await store.set({ client: 'github', subject: 'alice' }, token.toRecord());
    expect((await one(registry, 'github')).failing).toBe(0);
  });

  it('rests with a machine whose credentials were refused', async () => {
    const { registry, server } = await boot(new MemoryTokenStore());
    server.register({ clientId: 'client', clientSecret: 'changed' });
    await failure(registry.get('billing').accessToken(), Error);
    expect(await one(registry, 'billing')).toMatchObject({
      lastError: { code: 'invalid_client', final: true },
      cooldown: { error: 'invalid_client' },
    });
  });

  it('counts grants that ended apart from what failed', async () => {
    const { registry, server } = await boot(new MemoryTokenStore());
    const alice = registry.get('github').for('alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    server.revokeFamily('alice');
    await failure(alice.refreshToken(), Error);
    const status = await one(registry, 'github');
    expect(status).toMatchObject({ failing: 0, renewals: { succeeded: 0, failed: 0, ended: 1 } });
    expect(status.lastError).toBeUndefined();
  });

  it('looks back as far as it is told', async () => {
    const { registry, clock } = await boot(new MemoryTokenStore());
    await registry.get('billing').accessToken();
    clock.advance(400);
    expect((await one(registry, 'billing')).renewals.succeeded).toBe(0);
    const hour = await one(registry, 'billing', { windowSeconds: 3600 });
    expect(hour.renewals.succeeded).toBe(1);
  });

  it('begins anew where a client is registered under a name that was used before', async () => {
    const { registry, server } = await boot(new MemoryTokenStore());
    server.next('token').respond(400, {}, '{"error":"invalid_scope"}');
    await failure(registry.get('billing').accessToken(), Error);
    expect((await one(registry, 'billing')).failing).toBe(1);
    await registry.unregister('billing');
    registry.register('billing', machineClient(server));
    const status = await one(registry, 'billing');
    expect(status.failing).toBe(0);
    expect(status.lastError).toBeUndefined();
  });
});

describe('a status', () => {
  it('holds no secret and no subject', async () => {
    const { registry, put, server } = await boot(new MemoryTokenStore());
    await put({ client: 'github', subject: 'alice@example' }, { refresh_token: 'the-refresh' });
    server.always('token').respond(400, {}, '{"error":"invalid_client"}');
    await failure(registry.get('github').for('alice@example').refreshToken(), Error);
    const status = await registry.status();
    const printed = JSON.stringify(status) + inspect(status, { depth: null, showHidden: true });
    expect(printed).not.toMatch(/alice|the-access-token|the-refresh|"?secret"?/);
  });

  it.each([
    [{ withn: 5 }, 'Did you mean "within"?'],
    [{ within: -1 }, 'Use a number of 0 or more.'],
    [{ concurrency: 0 }, 'Use a number of 1 or more.'],
    [{ clients: 'github' }, "Write clients: ['github']."],
  ])('refuses %j', async (options, remedy) => {
    const { registry } = await boot(new MemoryTokenStore());
    const error = await failure(registry.status(options as object), ConfigurationError);
    expect(error.message).toContain(remedy);
  });
});
