import { randomUUID } from 'node:crypto';
import type { Observable } from 'rxjs';
import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import type { Lease, TokenStore } from '../store/token-store.js';
import { PostgresChangeFeed } from './postgres.change-feed.js';
import { PostgresDatabase } from './postgres.database.js';
import { unreadable } from './postgres.errors.js';
import { escaped, fromColumns, keyId, toColumns } from './postgres.key.js';
import type { KeyColumns } from './postgres.key.js';
import { PostgresLease, type LeaseContext } from './postgres.lease.js';
import {
  checkHeartbeat,
  POSTGRES_NAMES,
  QualifiedTable,
  type PostgresTokenStoreOptions,
} from './postgres.options.js';
import { tokenTable } from './postgres.schema.js';
import { PAGE, tokenStatements } from './postgres.statements.js';
import { PostgresWriter } from './postgres.writer.js';

const HEARTBEAT = { everyMs: 15_000, limitMs: 5_000 };
/** How many rows one statement of `purgeExpired` deletes at most. */
const PURGE_PAGE = 1_000;

/**
 * Keeps tokens in a table of Postgres 13 or later, encoding UTF8, for any number of replicas: with
 * leases by the database's clock, a change feed by `LISTEN`, and 2 statements a renewal. No
 * connection is held meanwhile.
 *
 * The table is made by {@link postgresSchema}, in your own migrations or by `createTable: true`.
 * Records that nobody can use any more are deleted along with writes, a few at a time; a record
 * with a refresh token only where its life is known (`refreshExpiresInSeconds`).
 *
 * The feed has a connection of its own, made like those of the pool. Behind PgBouncer in
 * transaction mode it hears nothing, finds that out and errors: tokens are then read again once
 * they are older than `cache.maxAgeSeconds`.
 *
 * Every method rejects with a `TokenStoreError` when the database refuses, or a statement takes more
 * than 8 s.
 *
 * @example
 * ```ts
 * import { Pool } from 'pg';
 * import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
 *
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL });
 * OAuthClientModule.forRoot({
 *   store: new PostgresTokenStore({ pool, schema: 'oauth' }),
 *   clients: { github: github({ clientId, clientSecret }) },
 * });
 * ```
 */
export class PostgresTokenStore implements TokenStore {
  readonly #database: PostgresDatabase;
  readonly #feed: PostgresChangeFeed;
  readonly #context: LeaseContext;
  readonly #table: QualifiedTable;

  /**
   * Keys that were changed or deleted, by any process: one connection however many subscribe. It
   * errors with a `TokenStoreError` when the connection is lost, or no longer hears: found out by a
   * heartbeat. Subscribing again connects again; {@link PostgresTokenStore.close} completes it.
   */
  readonly changes$: Observable<TokenKey>;

  /**
   * Connects to nothing yet.
   *
   * @throws ConfigurationError without a pool or URL, or for a name that Postgres does not take.
   */
  constructor(options: PostgresTokenStoreOptions) {
    const { schema = POSTGRES_NAMES.schema, table = POSTGRES_NAMES.table } = options;
    this.#table = new QualifiedTable(schema, table);
    const statements = tokenStatements(this.#table);
    const database = new PostgresDatabase(options, this.#table, tokenTable(this.#table));
    const heartbeat = { ...HEARTBEAT, ...options.heartbeat };
    checkHeartbeat(heartbeat);
    this.#database = database;
    this.#feed = new PostgresChangeFeed(database, this.#table, heartbeat, statements.notify);
    const { refreshExpiresInSeconds } = options;
    const writer = new PostgresWriter(database, statements, this.#feed, refreshExpiresInSeconds);
    this.#context = { database, statements, writer };
    this.changes$ = this.#feed.changes$;
  }

  /** See {@link TokenStore.get}. */
  async get(key: TokenKey): Promise<TokenRecord | undefined> {
    const { get } = this.#context.statements;
    const { rows } = await this.#database.run<{ record: string }>(get, [keyId(key)], key);
    return this.#parsed(key, rows[0]?.record);
  }

  /** See {@link TokenStore.set}. */
  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    await this.#context.writer.set(key, record);
  }

  /** See {@link TokenStore.delete}. */
  async delete(key: TokenKey): Promise<boolean> {
    return this.#context.writer.delete(key);
  }

  /** See {@link TokenStore.acquireLease}: one statement. */
  async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const lease = randomUUID();
    const { rows } = await this.#database.run<{
      record: string | null;
      revision: string;
      abandoned: boolean;
    }>(this.#context.statements.acquire, [...keyValues(key), lease, ttlMs], key);
    const [row] = rows;
    if (!row) return undefined;
    const { revision, abandoned } = row;
    const granted = (record?: TokenRecord) =>
      new PostgresLease(this.#context, { ...key }, { lease, revision, abandoned, record });
    try {
      return granted(this.#parsed(key, row.record));
    } catch (error) {
      // Whoever comes next is to hear the same, and not to wait for a lease that nobody has.
      await granted().release();
      throw error;
    }
  }

  /** See {@link TokenStore.keys}: by an index, and by pages of 500. */
  async *keys(query: { client?: string; subject?: string }): AsyncIterable<TokenKey> {
    const text = this.#context.statements.keys(query);
    const filters = [query.client, query.subject].map((one) =>
      one === undefined ? null : escaped(one),
    );
    let last: Buffer = Buffer.alloc(0);
    for (;;) {
      const { rows } = await this.#database.run<KeyColumns & { id: Buffer }>(
        text,
        [last, ...filters],
        query,
      );
      for (const row of rows) yield fromColumns(row);
      if (rows.length < PAGE) return;
      last = rows.at(-1)!.id;
    }
  }

  /**
   * Deletes the records that nobody can use any more, an hour after their end, and what leases
   * alone have left; resolves with how many. Writes do the same, a few at a time: this is for a
   * table that is seldom written to.
   *
   * @example
   * ```ts
   * const deleted = await store.purgeExpired();
   * ```
   */
  async purgeExpired(): Promise<number> {
    for (let deleted = 0; ;) {
      const { rowCount } = await this.#database.run(this.#context.statements.purge, [PURGE_PAGE]);
      deleted += rowCount;
      if (rowCount < PURGE_PAGE) return deleted;
    }
  }

  /** Ends the change feed, and the pool that was made from a URL. */
  async close(): Promise<void> {
    await this.#feed.close();
    await this.#database.close();
  }

  /** What JSON shows: the table, nothing of what is in it. */
  toJSON(): { table: string } {
    return { table: this.#table.sql };
  }

  /** What `console.log` and `util.inspect` show: the table, nothing of what is in it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `PostgresTokenStore { table: ${this.#table.sql} }`;
  }

  #parsed(key: TokenKey, record: string | null | undefined): TokenRecord | undefined {
    if (record === null || record === undefined) return undefined;
    try {
      return JSON.parse(record) as TokenRecord;
    } catch {
      // What the parser says quotes the record.
      throw unreadable(this.#table.sql, key);
    }
  }
}

function keyValues(key: TokenKey): unknown[] {
  const { client, subject, variant } = toColumns(key);
  return [keyId(key), client, subject, variant];
}
