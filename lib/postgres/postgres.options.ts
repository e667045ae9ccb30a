import { ConfigurationError } from '../errors/configuration.errors.js';

/**
 * What of a `pg` `Pool` (8.x) the stores use; a `Pool` is one. Handed in, it is never closed.
 */
export interface PostgresPool {
  /** Runs one statement on any of the pool's connections. */
  query(statement: {
    text: string;
    values?: unknown[];
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
  /** What its connections are made with: the change feed makes one of its own. */
  readonly options: object;
}

/** Which database, and whether its tables are made: the same for all stores on Postgres. */
export type PostgresConnectionOptions = (
  | {
      /** A pool of the application's own, which the application closes. */
      readonly pool: PostgresPool;
      readonly url?: never;
    }
  | {
      /** Where the database is, as `postgres://user:password@host/database`; needs `pg`. */
      readonly url: string;
      readonly pool?: never;
    }
) & {
  /** The schema that the tables are in. It must exist. Default `public`. */
  readonly schema?: string;
  /**
   * Makes the store's table before its first use, where it is missing. Safe when many replicas
   * start at once. Default false: run `postgresSchema()` in your own migrations.
   */
  readonly createTable?: boolean;
};

/** What a `PostgresTokenStore` may be told. */
export type PostgresTokenStoreOptions = PostgresConnectionOptions & {
  /** The table's name, at most 48 bytes. Default `oauth_client_tokens`. */
  readonly table?: string;
  /**
   * How long a refresh token lives, in seconds, where the server's answers do not say: what decides
   * when a record is of no more use and may be deleted. Without it such records are kept for ever.
   */
  readonly refreshExpiresInSeconds?: number;
  /** How the change feed's connection proves that it still hears. */
  readonly heartbeat?: {
    /** Milliseconds between two proofs. Default 15,000. */
    readonly everyMs?: number;
    /** Milliseconds after which a proof, or connecting, has failed. Default 5,000. */
    readonly limitMs?: number;
  };
};

/** What a `PostgresAuthorizationRequestStore` may be told. */
export type PostgresAuthorizationRequestStoreOptions = PostgresConnectionOptions & {
  /** The table's name, at most 48 bytes. Default `oauth_client_authorization_requests`. */
  readonly table?: string;
};

/** The defaults of names, stated here alone. */
export const POSTGRES_NAMES = {
  schema: 'public',
  table: 'oauth_client_tokens',
  requestTable: 'oauth_client_authorization_requests',
} as const;

/** Postgres cuts longer names without a word; a table's name is also part of its indexes' names. */
const MOST_BYTES = { schema: 63, table: 48 } as const;

/** A table as it stands in statements, whatever characters its name holds. */
export class QualifiedTable {
  /** Schema and table, quoted. */
  readonly sql: string;

  /** @throws ConfigurationError for a name that is empty, too long, or holds a NUL character. */
  constructor(
    readonly schema: string,
    readonly table: string,
  ) {
    checkName('schema', schema);
    checkName('table', table);
    this.sql = `${quoted(schema)}.${quoted(table)}`;
  }

  /** The name of one of its indexes, quoted. */
  index(what: string): string {
    return quoted(`${this.table}_${what}`);
  }
}

/** An identifier, quoted. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function checkName(option: 'schema' | 'table', name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= MOST_BYTES[option] && !/\0|\p{Surrogate}/u.test(name)) return;
  throw new ConfigurationError({
    problem: `The ${option} of a Postgres store is not a name that Postgres takes.`,
    remedy: `Give it 1 to ${MOST_BYTES[option]} bytes, without a NUL character.`,
  });
}

/** @throws ConfigurationError unless there is one way to the database. */
export function checkConnection({ pool, url }: { pool?: unknown; url?: unknown }): void {
  const isUrl = typeof url === 'string' && url !== '';
  // Without this an unset variable would lead to whatever database the environment names.
  if (isUrl !== (pool !== undefined)) return;
  throw new ConfigurationError({
    problem: 'A Postgres store has no pool and no url, or both.',
    remedy: 'Give it a Pool of pg as pool, or a postgres:// address as url.',
  });
}

/** @throws ConfigurationError for times that are none. */
export function checkHeartbeat(heartbeat: Readonly<Record<string, number>>): void {
  if (Object.values(heartbeat).every((ms) => ms > 0 && ms < 2 ** 31)) return;
  throw new ConfigurationError({
    problem: 'The heartbeat of a PostgresTokenStore is not a time.',
    remedy: 'Give everyMs and limitMs as milliseconds above 0.',
  });
}
