import type { TokenKey } from 'nestjs-oauth-client';
import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { eventually, listen, newKey, newRecord, newStore } from './fixtures.js';

const TABLE = 'public.oauth_client_tokens';
const LONG = 'é🙂"\\\0'.repeat(4_000);

/** Texts that Postgres cannot hold, or that a careless escape would mix up. */
const HOSTILE = [
  ...['\0', '\\0000', '\\', '\\\\', 'a\0b', 'a\\0000b', '\ud800', '\udc00', '\ufffd', '\\d800'],
  ...[`'; DROP TABLE x; --`, '"', '$1', '%', '_', '\u2028', '[', '0123456789abcdef/0/1:x', LONG],
];

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

async function listed(
  store: PostgresTokenStore,
  query: { client?: string; subject?: string },
): Promise<TokenKey[]> {
  const keys: TokenKey[] = [];
  for await (const key of store.keys(query)) keys.push(key);
  return keys;
}

function sorted(keys: readonly TokenKey[]): string[] {
  return keys
    .map(({ client, subject, variant }) => JSON.stringify([client, subject, variant]))
    .sort();
}

describe('keys on Postgres', () => {
  it('are kept apart and given back as they were, whatever they hold', async () => {
    const store = newStore(server);
    const { client } = newKey();
    const keys = [
      ...HOSTILE.map((subject) => ({ client, subject })),
      ...HOSTILE.map((variant) => ({ client, subject: 'alice', variant })),
    ];
    const records = keys.map(() => newRecord());
    for (const [index, key] of keys.entries()) await store.set(key, records[index]!);
    for (const [index, key] of keys.entries()) expect(await store.get(key)).toEqual(records[index]);
    expect(sorted(await listed(store, { client }))).toEqual(sorted(keys));
    for (const subject of HOSTILE) {
      expect(await listed(store, { client, subject })).toEqual([{ client, subject }]);
    }
  });

  it('are told by the change feed, whatever they hold, also when they are deleted', async () => {
    const store = newStore(server);
    const { keys } = await listen(store);
    const { client } = newKey();
    const expected = HOSTILE.map((subject) => ({ client, subject, variant: subject }));
    for (const key of expected) {
      await store.set(key, newRecord());
      await store.delete(key);
    }
    const twice = expected.flatMap((key) => [key, key]);
    await eventually(() => expect(keys).toHaveLength(twice.length));
    expect(keys).toEqual(twice);
  });

  it('are told whole, also when long ones are written side by side', async () => {
    const [one, other] = [newStore(server), newStore(server)];
    const { keys } = await listen(one);
    const expected = Array.from({ length: 20 }, (_, index) => newKey(`${LONG}${index}`));
    const written = expected.map((key, index) => [one, other][index % 2]!.set(key, newRecord()));
    await Promise.all(written);
    await eventually(() => expect(keys).toHaveLength(20));
    expect(sorted(keys)).toEqual(sorted(expected));
  });

  it('are leased and committed, however long', async () => {
    const store = newStore(server);
    const key = newKey(LONG, LONG);
    const record = newRecord({ accessToken: 'a\0b', raw: { scope: '\ud800' } });
    expect(await (await store.acquireLease(key, 60_000))!.commit(record)).toBe(true);
    expect((await store.acquireLease(key, 60_000))!.record).toEqual(record);
  });

  it('stand in columns that a person can read', async () => {
    const store = newStore(server);
    const key = newKey("Zoë O'Hara");
    await store.set(key, newRecord());
    const { rows } = await server
      .pool()
      .query(`SELECT client, subject, variant FROM ${TABLE} WHERE client = $1`, [key.client]);
    expect(rows).toEqual([{ ...key, variant: null }]);
  });
});

describe('keys() on Postgres', () => {
  it('reads page by page, and misses none while others are deleted', async () => {
    const store = newStore(server, { table: 'paged' });
    const { client } = newKey();
    const keys = Array.from({ length: 1_201 }, (_, index) => ({ client, subject: `${index}` }));
    for (let from = 0; from < keys.length; from += 100) {
      await Promise.all(keys.slice(from, from + 100).map((key) => store.set(key, newRecord())));
    }
    const recorded = await server.recordStatements();
    const found: TokenKey[] = [];
    for await (const key of store.keys({ client })) {
      found.push(key);
      if (found.length % 100 === 0) await store.delete(key);
    }
    expect(sorted(found)).toEqual(sorted(keys));
    const pages = (await recorded()).filter((text) => text.startsWith('SELECT id, client'));
    expect(pages).toHaveLength(3);
  });

  it.each([
    ['a client', { client: 'client 7' }, 'plans_client'],
    ['a subject', { subject: 'subject 77' }, 'plans_subject'],
    ['both', { client: 'client 7', subject: 'subject 77' }, 'plans_'],
  ])('finds the keys of %s by an index', async (_what, query, index) => {
    const store = newStore(server, { table: 'plans' });
    await store.get(newKey());
    const pool = server.pool();
    await pool.query(`INSERT INTO plans (id, client, subject, record, revision)
      SELECT sha256(n::text::bytea), 'client ' || n % 100, 'subject ' || n / 10, '{}', gen_random_uuid()
      FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING`);
    await pool.query('ANALYZE plans');
    const statements: { text: string; values?: unknown[] }[] = [];
    const spy = {
      options: pool.options,
      query: async (statement: (typeof statements)[number]) => {
        statements.push(statement);
        return pool.query(statement);
      },
    };
    await listed(new PostgresTokenStore({ pool: spy, table: 'plans' }), query);
    const { text, values = [] } = statements[0]!;
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(index);
  });
});
