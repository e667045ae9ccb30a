import { TokenStoreError } from '../errors/store.errors.js';

/** Whom a statement was for. */
export interface Concerned {
  readonly client?: string;
  readonly subject?: string;
}

/** No such table, or a column that an older version did not have. */
const NOT_MADE = new Set(['42P01', '42703']);
const NO_SCHEMA = '3F000';
const MISSING_PACKAGE = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * The one error for a database that did not do as it was asked. Of what the driver said, name,
 * message and code are kept: its `detail`, `where` and parameters hold records.
 */
export function databaseError(cause: unknown, table: string, about: Concerned = {}): Error {
  if (cause instanceof TokenStoreError) return cause;
  const { client, subject } = about;
  return new TokenStoreError({ client, subject, cause, ...explanation(codeOf(cause), table) });
}

/** A record in the database that is not what a store has written. */
export function unreadable(table: string, { client, subject }: Concerned): TokenStoreError {
  return new TokenStoreError({
    client,
    subject,
    problem: `A row of ${table} is not JSON.`,
    remedy: 'Find out who else writes to the table; delete the row.',
  });
}

/** Two transactions met: nothing was done, and it may be asked for again. */
export function isSerializationFailure(cause: unknown): boolean {
  return codeOf(cause) === '40001';
}

function explanation(code: unknown, table: string): { problem: string; remedy: string } {
  if (typeof code === 'string' && NOT_MADE.has(code)) {
    return {
      problem: `The table ${table} is missing or of an older version.`,
      remedy: 'Run the SQL of postgresSchema() in your migrations, or set createTable: true.',
    };
  }
  if (code === NO_SCHEMA) {
    return {
      problem: `The schema of the table ${table} is missing.`,
      remedy: 'Create the schema: the store makes tables only.',
    };
  }
  if (typeof code === 'string' && MISSING_PACKAGE.has(code)) {
    return { problem: 'The package pg is missing.', remedy: 'Install it: npm install pg.' };
  }
  return {
    problem: 'The Postgres store did not answer as it should.',
    remedy: 'Check the database and the rights of its user; nothing of the token was lost.',
  };
}

function codeOf(cause: unknown): unknown {
  return (cause as { code?: unknown } | undefined)?.code;
}
