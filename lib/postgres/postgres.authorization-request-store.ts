import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { PostgresDatabase } from './postgres.database.js';
import { unreadable } from './postgres.errors.js';
import { textId } from './postgres.key.js';
import {
  POSTGRES_NAMES,
  QualifiedTable,
  type PostgresAuthorizationRequestStoreOptions,
} from './postgres.options.js';
import { requestTableSql } from './postgres.schema.js';

/** How many requests whose time is over a write takes along. */
const PURGED_PER_WRITE = 16;

/**
 * Keeps pending authorization requests in a table of Postgres, for callbacks that come back to any
 * replica. A state that was taken is remembered until its time is over, by the database's clock,
 * and refused meanwhile; what is over is deleted along with writes.
 *
 * Every method rejects with a `TokenStoreError` when the database refuses, or a statement takes more
 * than 8 s. Where it was given a URL, the module closes it at shutdown.
 *
 * @example
 * ```ts
 * OAuthClientModule.forRoot({
 *   store: new PostgresTokenStore({ pool }),
 *   authorizationRequestStore: new PostgresAuthorizationRequestStore({ pool }),
 *   clients,
 * });
 * ```
 */
export class PostgresAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #database: PostgresDatabase;
  readonly #table: QualifiedTable;
  readonly #statements: ReturnType<typeof requestStatements>;

  /**
   * Connects to nothing yet.
   *
   * @throws ConfigurationError without a pool or URL, or for a name that Postgres does not take.
   */
  constructor(options: PostgresAuthorizationRequestStoreOptions) {
    const { schema = POSTGRES_NAMES.schema, table = POSTGRES_NAMES.requestTable } = options;
    this.#table = new QualifiedTable(schema, table);
    this.#database = new PostgresDatabase(options, this.#table, requestTableSql(this.#table));
    this.#statements = requestStatements(this.#table);
  }

  /** See {@link AuthorizationRequestStore.save}. */
  async save(
    stateHash: string,
    request: AuthorizationRequestRecord,
    ttlMs: number,
  ): Promise<boolean> {
    const values = [textId(stateHash), JSON.stringify(request), ttlMs];
    const { rowCount } = await this.#database.run(this.#statements.save, values, request);
    return rowCount > 0;
  }

  /** See {@link AuthorizationRequestStore.take}. */
  async take(stateHash: string): Promise<AuthorizationRequestRecord | undefined> {
    const { rows } = await this.#database.run<{ request: string }>(this.#statements.take, [
      textId(stateHash),
    ]);
    const [row] = rows;
    if (!row) return undefined;
    try {
      return JSON.parse(row.request) as AuthorizationRequestRecord;
    } catch {
      // What the parser says quotes the request.
      throw unreadable(this.#table.sql, {});
    }
  }

  /** Ends the pool that was made from a URL. */
  async close(): Promise<void> {
    await this.#database.close();
  }

  /** What JSON shows: the table, nothing of what is in it. */
  toJSON(): { table: string } {
    return { table: this.#table.sql };
  }

  /** What `console.log` and `util.inspect` show: the table, nothing of what is in it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `PostgresAuthorizationRequestStore { table: ${this.#table.sql} }`;
  }
}

function requestStatements({ sql: table }: QualifiedTable) {
  const now = 'clock_timestamp()';
  const end = `${now} + $3::double precision * interval '1 millisecond'`;
  return {
    /** 1 id, 2 request, 3 milliseconds. No row: it is there already, or was taken. */
    save: `WITH purged AS (
       DELETE FROM ${table} WHERE id = ANY (ARRAY(
         SELECT id FROM ${table} WHERE ends_at <= ${now} AND id <> $1
         ORDER BY ends_at LIMIT ${PURGED_PER_WRITE} FOR UPDATE SKIP LOCKED)))
     INSERT INTO ${table} AS entry (id, request, ends_at) VALUES ($1, $2, ${end})
     ON CONFLICT (id) DO UPDATE SET request = EXCLUDED.request, ends_at = ${end}
       WHERE entry.ends_at <= ${now}`,
    /** 1 id */
    take: `WITH pending AS (
       SELECT id, request FROM ${table}
       WHERE id = $1 AND request IS NOT NULL AND ends_at > ${now} FOR UPDATE)
     UPDATE ${table} entry SET request = NULL FROM pending WHERE entry.id = pending.id
     RETURNING pending.request`,
  };
}
