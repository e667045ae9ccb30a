import { randomUUID } from 'node:crypto';
import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import type { PostgresChangeFeed } from './postgres.change-feed.js';
import type { PostgresDatabase } from './postgres.database.js';
import { deletableAt } from './postgres.expiry.js';
import { keyId, toColumns } from './postgres.key.js';
import type { TokenStatements } from './postgres.statements.js';

/** The writes of a store: each changes the row and tells of it in one statement. */
export class PostgresWriter {
  readonly #database: PostgresDatabase;
  readonly #statements: TokenStatements;
  readonly #feed: PostgresChangeFeed;
  readonly #refreshExpiresInSeconds: number | undefined;

  constructor(
    database: PostgresDatabase,
    statements: TokenStatements,
    feed: PostgresChangeFeed,
    refreshExpiresInSeconds: number | undefined,
  ) {
    this.#database = database;
    this.#statements = statements;
    this.#feed = feed;
    this.#refreshExpiresInSeconds = refreshExpiresInSeconds;
  }

  /** Writes a record, whatever is there. */
  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    const { client, subject, variant } = toColumns(key);
    const columns = [client, subject, variant];
    await this.#write(this.#statements.set, key, [...columns, ...this.#row(record)]);
  }

  /** Deletes a row, whatever is there; true when there was a record. */
  async delete(key: TokenKey): Promise<boolean> {
    return (await this.#write(this.#statements.delete, key, [])) === 'changed';
  }

  /** Writes or deletes while the row is of this revision; false when it is not. */
  async replace(key: TokenKey, revision: string, next: TokenRecord | undefined): Promise<boolean> {
    const { commit, commitDelete } = this.#statements;
    const outcome =
      next === undefined
        ? await this.#write(commitDelete, key, [revision])
        : await this.#write(commit, key, [revision, ...this.#row(next)]);
    return outcome !== 'refused';
  }

  #row(record: TokenRecord): unknown[] {
    const deletable = deletableAt(record, this.#refreshExpiresInSeconds);
    return [JSON.stringify(record), randomUUID(), deletable];
  }

  /** Every write takes id, channel and payloads first. */
  async #write(
    text: string,
    key: TokenKey,
    more: unknown[],
  ): Promise<'changed' | 'unchanged' | 'refused'> {
    const write = this.#feed.ownWrites.begin(key);
    const values = [keyId(key), this.#feed.channel, write.payloads, ...more];
    try {
      const { rows } = await this.#database.run<{ existed?: boolean }>(text, values, key);
      const [row] = rows;
      const changed = row !== undefined && row.existed !== false;
      write.done(changed ? 'changed' : 'unchanged');
      if (!row) return 'refused';
      return changed ? 'changed' : 'unchanged';
    } catch (error) {
      write.done('unknown');
      throw error;
    }
  }
}
