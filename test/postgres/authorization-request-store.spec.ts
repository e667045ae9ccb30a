import { TokenStoreError, type AuthorizationRequestRecord } from 'nestjs-oauth-client';
import { PostgresAuthorizationRequestStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';
import { PostgresServer } from '../support/postgres-server.js';
import { eventually } from './fixtures.js';

const TABLE = 'public.oauth_client_authorization_requests';
const SHORT_MS = 50;
let server: PostgresServer;
let states = 0;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

function newStore(): PostgresAuthorizationRequestStore {
  const store = new PostgresAuthorizationRequestStore({ url: server.url, createTable: true });
  onTestFinished(() => store.close());
  return store;
}

function newState(): string {
  states += 1;
  return `state ${states}`;
}

function request(changes: Partial<AuthorizationRequestRecord> = {}): AuthorizationRequestRecord {
  return {
    client: 'client',
    subject: 'alice\0',
    codeVerifier: 'a-secret-verifier',
    scope: ['read'],
    createdAt: 1_700_000_000_000,
    ...changes,
  };
}

describe('a PostgresAuthorizationRequestStore', () => {
  it('gives a request back as it was saved, once, to whichever replica asks', async () => {
    const [one, other] = [newStore(), newStore()];
    const state = newState();
    expect(await one.save(state, request(), 60_000)).toBe(true);
    expect(await other.take(state)).toEqual(request());
    expect(await one.take(state)).toBeUndefined();
  });

  it('gives a request to one of 50 who take it at once', async () => {
    const stores = [newStore(), newStore()];
    const state = newState();
    await stores[0]!.save(state, request(), 60_000);
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, index) => stores[index % 2]!.take(state)),
    );
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('keeps the first of 20 that are saved under one state at once', async () => {
    const store = newStore();
    const state = newState();
    const saved = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.save(state, request({ subject: `${index}` }), 60_000),
      ),
    );
    expect(saved.filter((one) => one)).toHaveLength(1);
    expect((await store.take(state))?.subject).toBe(String(saved.indexOf(true)));
  });

  it('keeps states apart, whatever they hold', async () => {
    const store = newStore();
    const hostile = ['', '\0', '\ud800', '\ufffd', "'", 'x'.repeat(10_000)].map(
      (text) => newState() + text,
    );
    for (const state of hostile) await store.save(state, request({ subject: state }), 60_000);
    for (const state of hostile) expect((await store.take(state))?.subject).toBe(state);
  });

  it('refuses a state that was taken, for as long as it could be replayed', async () => {
    const store = newStore();
    const state = newState();
    await store.save(state, request(), 500);
    await store.take(state);
    expect(await store.save(state, request(), 60_000)).toBe(false);
    await eventually(async () => expect(await store.save(state, request(), 60_000)).toBe(true));
    expect(await store.take(state)).toEqual(request());
  });

  it('forgets a request once its time is over by the clock of the database', async () => {
    const store = newStore();
    const [state, later] = [newState(), newState()];
    await store.save(state, request(), 60_000);
    await store.save(later, request(), 60_000);
    await server
      .pool()
      .query(`UPDATE ${TABLE} SET ends_at = clock_timestamp() WHERE id = sha256($1::text::bytea)`, [
        state,
      ]);
    expect(await store.take(state)).toBeUndefined();
    expect(await store.take(later)).toBeDefined();
  });

  it('leaves nothing of what is over, taken or not', async () => {
    const store = newStore();
    const pool = server.pool();
    await store.take(newState());
    await pool.query(`TRUNCATE ${TABLE}`);
    for (let saved = 0; saved < 10; saved += 1) await store.save(newState(), request(), SHORT_MS);
    await eventually(async () => {
      await store.save('the last', request(), 60_000);
      await store.save(newState(), request(), 1);
      expect((await pool.query(`SELECT 1 FROM ${TABLE}`)).rowCount).toBeLessThan(4);
    });
  });

  it('says how to make a table that is missing', async () => {
    const store = new PostgresAuthorizationRequestStore({ pool: server.pool(), table: 'nowhere' });
    const error = await failure(store.save(newState(), request(), 1), TokenStoreError);
    expect(error.message).toContain('postgresSchema()');
    expect(error.client).toBe('client');
  });

  it('shows no request and no password, in itself or in its errors', async () => {
    const secrets = { password: server.password, verifier: 'a-secret-verifier' };
    const store = newStore();
    const state = newState();
    await store.save(state, request(), 60_000);
    expect(leaks(store, secrets)).toEqual([]);
    await server.pool().query(`UPDATE ${TABLE} SET request = left(request, -1)`);
    const error = await failure(store.take(state), TokenStoreError);
    expect(leaks(error, secrets)).toEqual([]);
  });
});
