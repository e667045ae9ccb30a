import { databaseError, isSerializationFailure, type Concerned } from './postgres.errors.js';
import {
  checkConnection,
  type QualifiedTable,
  type PostgresConnectionOptions,
  type PostgresPool,
} from './postgres.options.js';

/** How long one statement may take, in milliseconds: a connection that has died never answers. */
const STATEMENT_LIMIT_MS = 8_000;
const CONNECT_LIMIT_MS = 5_000;
/** How long the end of a pool may take, in milliseconds: as above. */
const END_LIMIT_MS = 2_000;
const MOST_RETRIES = 5;
/** Of all that make tables at once, one does; any number will do, as long as all have the same. */
const CREATION_LOCK = 7_283_946_150;

/** What a statement answered. */
export interface Answer<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

/** A connection apart from the pool. */
export interface PostgresClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  on(
    event: 'notification',
    listener: (notification: { channel: string; payload?: string | undefined }) => void,
  ): unknown;
  /** Absent in the native driver. */
  readonly connection?: { readonly stream: { destroy(): unknown } };
}

/** The pool of a store, handed in or made on first use, and the one way statements go through it. */
export class PostgresDatabase {
  readonly #given: PostgresPool | undefined;
  readonly #url: string | undefined;
  readonly #table: QualifiedTable;
  readonly #creation: string | undefined;
  #made: Promise<PostgresPool & { end(): Promise<void> }> | undefined;
  #created: Promise<void> | undefined;
  #closed = false;

  /** @param creation - The SQL that makes the table. */
  constructor(options: PostgresConnectionOptions, table: QualifiedTable, creation: string) {
    checkConnection(options);
    this.#given = options.pool;
    this.#url = options.url;
    this.#table = table;
    this.#creation = options.createTable === true ? creation : undefined;
  }

  /**
   * Runs a statement.
   *
   * @param limitMs - Milliseconds that it may take.
   * @throws TokenStoreError when the database does not do it.
   */
  async run<Row = unknown>(
    text: string,
    values: unknown[],
    about?: Concerned,
    limitMs = STATEMENT_LIMIT_MS,
  ): Promise<Answer<Row>> {
    try {
      await this.#prepare();
      return await this.#answer<Row>({ text, values, query_timeout: limitMs });
    } catch (cause) {
      throw databaseError(cause, this.#table.sql, about);
    }
  }

  /** A connection of its own, not connected yet, made like those of the pool. */
  async newClient(): Promise<PostgresClient> {
    const pool = await this.#pool();
    // A connection taken out of the pool would keep the application's pool.end() waiting.
    const Client = Reflect.get(pool, 'Client') as
      (new (options: object) => PostgresClient) | undefined;
    if (!Client) throw new TypeError('The pool is not a Pool of pg: it has no Client.');
    return new Client(pool.options);
  }

  /** Ends what was made here; a pool that was handed in is left as it is. */
  async close(): Promise<void> {
    this.#closed = true;
    const made = await this.#made?.catch(() => undefined);
    this.#made = undefined;
    if (!made) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, END_LIMIT_MS)));
    await Promise.race([made.end(), limit]);
    clearTimeout(timer);
  }

  async #answer<Row>(statement: {
    text: string;
    values: unknown[];
    query_timeout: number;
  }): Promise<Answer<Row>> {
    const pool = await this.#pool();
    for (let retries = 0; ; retries += 1) {
      try {
        const { rows, rowCount } = await pool.query(statement);
        return { rows: rows as Row[], rowCount: rowCount ?? 0 };
      } catch (cause) {
        // Only where the database's default isolation is stricter than its own default.
        if (retries === MOST_RETRIES || !isSerializationFailure(cause)) throw cause;
      }
    }
  }

  async #prepare(): Promise<void> {
    if (this.#creation === undefined) return;
    this.#created ??= this.#create(this.#creation).catch((cause: unknown) => {
      this.#created = undefined;
      throw cause;
    });
    await this.#created;
  }

  async #create(creation: string): Promise<void> {
    const pool = await this.#pool();
    const is = await pool.query({
      text: 'SELECT to_regclass($1) IS NOT NULL AS there',
      values: [this.#table.sql],
    });
    // Who may only read and write the table may start all the same.
    if ((is.rows[0] as { there: boolean }).there) return;
    // Statements sent as one text are one transaction.
    await pool.query({ text: `SELECT pg_advisory_xact_lock(${CREATION_LOCK});\n${creation}` });
  }

  #pool(): Promise<PostgresPool> | PostgresPool {
    if (this.#closed) throw new Error('The store is closed.');
    if (this.#given) return this.#given;
    this.#made ??= makePool(this.#url!).catch((cause: unknown) => {
      this.#made = undefined;
      throw cause;
    });
    return this.#made;
  }
}

async function makePool(url: string) {
  const { Pool } = await import('pg');
  const pool = new Pool({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    keepAlive: true,
    // A store that nobody closes must not keep the process.
    allowExitOnIdle: true,
    fallback_application_name: 'nestjs-oauth-client',
  });
  // A connection that is lost while idle: the next statement makes another one, or says why not.
  pool.on('error', () => undefined);
  return pool;
}
