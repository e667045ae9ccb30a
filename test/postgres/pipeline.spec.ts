import type { OAuthSession } from 'nestjs-oauth-client';
import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { eventually } from './fixtures.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';
import { DeafProxy } from './deaf-proxy.js';

const TABLE = 'oauth_client_tokens';
let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.pool().query(`DROP TABLE IF EXISTS ${TABLE}`);
});

/** Two applications, each with a store of its own on one table; one has connected the user. */
async function twoApplications(
  url = server.url,
  heartbeat = {},
): Promise<{ bench: RenewalBench; one: OAuthSession; other: OAuthSession }> {
  const newStore = () => new PostgresTokenStore({ url, createTable: true, heartbeat });
  const bench = await RenewalBench.start({ rotation: 'strict' });
  const one = await bench.user({}, { store: newStore() });
  const other = await bench.user({}, { store: newStore(), token: false });
  return { bench, one, other };
}

async function listening(count: number): Promise<void> {
  const listeners = `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %'`;
  await eventually(async () => expect((await server.pool().query(listeners)).rowCount).toBe(count));
}

describe('two applications that share Postgres', () => {
  it('make one token request for 50 calls on an expired token', async () => {
    const { bench, one, other } = await twoApplications();
    bench.expire();
    expect(await Promise.all([calls(one, 25), calls(other, 25)])).toEqual([
      { 200: 25 },
      { 200: 25 },
    ]);
    expect(bench.tokenRequests).toBe(1);
  });

  it('make one token request for each of 20 expiries, and never spend a token twice', async () => {
    const { bench, one, other } = await twoApplications();
    await listening(2);
    for (let expiry = 1; expiry <= 20; expiry += 1) {
      bench.expire();
      const statuses = await Promise.all([calls(one, 25), calls(other, 25)]);
      expect(statuses).toEqual([{ 200: 25 }, { 200: 25 }]);
      expect(bench.tokenRequests).toBe(expiry);
    }
  });

  // The pipeline reads the record (token-source.ts, #known) before it asks for the lease, which
  // reads it again: to be mended there.
  it('renew by two statements', async () => {
    const { bench, one } = await twoApplications();
    await listening(2);
    await call(one);
    bench.expire();
    const recorded = await server.recordStatements();
    await call(one);
    expect(await recorded()).toHaveLength(2);
  });

  it('write by two statements a renewal, and call by none after it', async () => {
    const { bench, one } = await twoApplications();
    await listening(2);
    await call(one);
    bench.expire();
    const renewal = await server.recordStatements();
    expect(await call(one)).toBe(200);
    const written = (await renewal()).filter((text) => !text.startsWith('SELECT'));
    expect(written.map((text) => text.split(' ')[0])).toEqual(['INSERT', 'WITH']);
    const recorded = await server.recordStatements();
    expect(await calls(one, 100)).toEqual({ 200: 100 });
    expect(await recorded()).toEqual([]);
  });

  it('hear at once what the other one sets', async () => {
    const { bench, one, other } = await twoApplications();
    await listening(2);
    await call(other);
    const next = bench.issueSet();
    await one.setToken(next);
    await eventually(async () => expect((await other.token())?.accessToken).toBe(next.accessToken));
  });

  it('go on while the server is stopped, on a token that is valid', async () => {
    const { one } = await twoApplications();
    await call(one);
    await server.suspend();
    expect(await calls(one, 10)).toEqual({ 200: 10 });
    await server.resume();
    expect(await calls(one, 10)).toEqual({ 200: 10 });
  });
});

describe('two applications behind a pooler that passes no notification on', () => {
  it('make one token request for 50 calls on an expired token', async () => {
    const proxy = await DeafProxy.start(server);
    proxy.drops = 'notifications';
    const { bench, one, other } = await twoApplications(proxy.url, { limitMs: 500 });
    bench.expire();
    expect(await Promise.all([calls(one, 25), calls(other, 25)])).toEqual([
      { 200: 25 },
      { 200: 25 },
    ]);
    expect(bench.tokenRequests).toBe(1);
  });

  it('read a token again once it is older than maxAgeSeconds', async () => {
    const proxy = await DeafProxy.start(server);
    proxy.drops = 'notifications';
    const { bench, one, other } = await twoApplications(proxy.url, { limitMs: 500 });
    await call(other);
    const next = bench.issueSet();
    await one.setToken(next);
    bench.clock.advance(31);
    expect(await call(other)).toBe(200);
    expect((await other.token())?.accessToken).toBe(next.accessToken);
  });
});
