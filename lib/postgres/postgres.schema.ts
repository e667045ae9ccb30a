import { POSTGRES_NAMES, QualifiedTable } from './postgres.options.js';

/** The version of the tables that this release works with; a higher one adds to a lower one. */
export const POSTGRES_SCHEMA_VERSION = 1;

/**
 * The SQL that makes the tables of `PostgresTokenStore` and `PostgresAuthorizationRequestStore`, to
 * be run in your own migrations. It may be run again, and changes nothing then. The schema must
 * exist. The text begins with its version, {@link POSTGRES_SCHEMA_VERSION}.
 *
 * @param options - `schema` (default `public`), `table` (default `oauth_client_tokens`) and
 *   `requestTable` (default `oauth_client_authorization_requests`): as the stores are told.
 * @throws ConfigurationError for a name that Postgres does not take.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { postgresSchema } from 'nestjs-oauth-client/postgres';
 *
 * writeFileSync('migrations/0007-oauth-client.sql', postgresSchema({ schema: 'oauth' }));
 * ```
 */
export function postgresSchema({
  schema = POSTGRES_NAMES.schema,
  table = POSTGRES_NAMES.table,
  requestTable = POSTGRES_NAMES.requestTable,
}: { schema?: string; table?: string; requestTable?: string } = {}): string {
  return [
    `-- nestjs-oauth-client/postgres, schema version ${POSTGRES_SCHEMA_VERSION}`,
    tokenTable(new QualifiedTable(schema, table)),
    requestTableSql(new QualifiedTable(schema, requestTable)),
  ].join('\n');
}

/** The table of tokens. */
export function tokenTable(table: QualifiedTable): string {
  // Leases change a row twice per renewal and no index: room in the page makes that cheap.
  return `CREATE TABLE IF NOT EXISTS ${table.sql} (
  id bytea PRIMARY KEY,                         -- SHA-256 of client, subject and variant
  client text COLLATE "C" NOT NULL,             -- backslash, NUL: as \\005c, \\0000
  subject text COLLATE "C" NOT NULL,            -- '' is the client itself
  variant text COLLATE "C",                     -- NULL is the grant itself
  record text,                                  -- JSON with secrets; NULL: a lease alone
  revision uuid NOT NULL,                       -- new with every write
  deletable_at timestamptz,                     -- NULL: never by itself
  lease uuid,                                   -- who may renew
  lease_ends_at timestamptz,                    -- by this server's clock
  outstanding uuid[] NOT NULL DEFAULT '{}'      -- leases neither committed nor released
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS ${table.index('client')}
  ON ${table.sql} ((left(client, 64)), id);
CREATE INDEX IF NOT EXISTS ${table.index('subject')}
  ON ${table.sql} ((left(subject, 64)), id);
CREATE INDEX IF NOT EXISTS ${table.index('deletable')}
  ON ${table.sql} (deletable_at) WHERE deletable_at IS NOT NULL;
`;
}

/** The table of pending authorization requests. */
export function requestTableSql(table: QualifiedTable): string {
  return `CREATE TABLE IF NOT EXISTS ${table.sql} (
  id bytea PRIMARY KEY,                         -- SHA-256 of the hash of the state
  request text,                                 -- JSON with secrets; NULL: taken
  ends_at timestamptz NOT NULL                  -- by this server's clock
);
CREATE INDEX IF NOT EXISTS ${table.index('ends')} ON ${table.sql} (ends_at);
`;
}
