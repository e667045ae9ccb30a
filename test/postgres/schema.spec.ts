import { ConfigurationError, TokenStoreError } from 'nestjs-oauth-client';
import {
  POSTGRES_SCHEMA_VERSION,
  PostgresAuthorizationRequestStore,
  postgresSchema,
  PostgresTokenStore,
} from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { PostgresServer } from '../support/postgres-server.js';
import { eventually, listen, newKey, newRecord, newStore } from './fixtures.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

describe('postgresSchema', () => {
  it('makes both tables in a schema, and changes nothing the second time', async () => {
    const pool = server.pool();
    await pool.query('CREATE SCHEMA teams');
    const names = { schema: 'teams', table: 'tokens', requestTable: 'requests' };
    await pool.query(postgresSchema(names));
    const store = new PostgresTokenStore({ pool, ...names });
    const key = newKey();
    const record = newRecord();
    await store.set(key, record);
    await pool.query(postgresSchema(names));
    expect(await store.get(key)).toEqual(record);
    const requests = new PostgresAuthorizationRequestStore({
      pool,
      schema: 'teams',
      table: 'requests',
    });
    expect(await requests.take('state')).toBeUndefined();
  });

  it('begins with its version', () => {
    const [first] = postgresSchema().split('\n');
    expect(first).toBe(
      `-- nestjs-oauth-client/postgres, schema version ${POSTGRES_SCHEMA_VERSION}`,
    );
  });

  it('is one statement after the other, for migrations that run in a transaction', async () => {
    const client = await server.pool().connect();
    await client.query('BEGIN');
    await client.query(postgresSchema({ table: 'rolled_back' }));
    await client.query('ROLLBACK');
    client.release();
    const { rows } = await server.pool().query(`SELECT to_regclass('rolled_back') AS made`);
    expect(rows).toEqual([{ made: null }]);
  });
});

describe('the names of schema and table', () => {
  it('may hold whatever Postgres takes', async () => {
    const schema = `Tenant "1"; DROP`;
    const table = `To'kens $1 -- \\ é`;
    await server.pool().query(`CREATE SCHEMA "Tenant ""1""; DROP"`);
    const store = newStore(server, { schema, table });
    const { keys } = await listen(store);
    const key = newKey();
    const lease = await store.acquireLease(key, 60_000);
    expect(await lease!.commit(newRecord())).toBe(true);
    expect(await store.get(key)).toBeDefined();
    await eventually(() => expect(keys).toEqual([key]));
    await store.purgeExpired();
  });

  it('keep stores of one database apart', async () => {
    const one = newStore(server, { table: 'one' });
    const other = newStore(server, { table: 'other' });
    const heard = await listen(one);
    const key = newKey();
    await other.set(key, newRecord());
    expect(await one.get(key)).toBeUndefined();
    await one.set(newKey('last'), newRecord());
    await eventually(() => expect(heard.keys.map(({ subject }) => subject)).toEqual(['last']));
  });

  it.each(['', 'x'.repeat(49), 'é'.repeat(25), 'a\0b', '\ud800'])(
    'are refused where Postgres would cut or refuse them: %j',
    async (table) => {
      const made = () => new PostgresTokenStore({ url: server.url, table });
      const error = await failure(made, ConfigurationError);
      expect(error.message).toContain('48 bytes');
    },
  );
});

describe('a table that is missing', () => {
  it.each([{ table: 'never_made' }, { schema: 'never made' }])(
    'is an error that says how to make it: %j',
    async (names) => {
      const store = newStore(server, { createTable: false, ...names });
      const error = await failure(store.get(newKey('bob')), TokenStoreError);
      expect(error.message).toContain('postgresSchema()');
      expect(error.message).toContain('createTable: true');
      expect(error.subject).toBe('bob');
    },
  );

  it('is not made in a schema that is missing', async () => {
    const store = newStore(server, { schema: 'never made' });
    const error = await failure(store.get(newKey()), TokenStoreError);
    expect(error.message).toContain('Create the schema');
    await server.pool().query('CREATE SCHEMA "never made"');
    expect(await store.get(newKey())).toBeUndefined();
  });

  it('is made once by 5 stores that start at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const table = `at_once_${round}`;
      const stores = Array.from({ length: 5 }, () => newStore(server, { table }));
      const key = newKey();
      await Promise.all(stores.map((store) => store.set(key, newRecord())));
      expect(await stores[0]!.get(key)).toBeDefined();
    }
  });

  it('is not asked to be made by a user who may only read and write it', async () => {
    const pool = server.pool();
    await pool.query(postgresSchema({ table: 'granted' }));
    await pool.query(`CREATE ROLE modest LOGIN PASSWORD 'modest'`);
    await pool.query('GRANT SELECT, INSERT, UPDATE, DELETE ON granted TO modest');
    const modest = server.pool({
      connectionString: server.url.replace(/\/\/.*@/, '//modest:modest@'),
    });
    const store = new PostgresTokenStore({ pool: modest, table: 'granted', createTable: true });
    const lease = await store.acquireLease(newKey(), 60_000);
    expect(await lease!.commit(newRecord())).toBe(true);
  });
});
