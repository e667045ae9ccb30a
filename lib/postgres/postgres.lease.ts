import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import type { Lease } from '../store/token-store.js';
import type { PostgresDatabase } from './postgres.database.js';
import { keyId } from './postgres.key.js';
import type { TokenStatements } from './postgres.statements.js';
import type { PostgresWriter } from './postgres.writer.js';

/** What every lease of a store works with. */
export interface LeaseContext {
  readonly database: PostgresDatabase;
  readonly statements: TokenStatements;
  readonly writer: PostgresWriter;
}

/** What was granted: on which revision of the row, and as which lease. */
export interface Granted {
  readonly lease: string;
  readonly revision: string;
  readonly record: TokenRecord | undefined;
  readonly abandoned: boolean;
}

/** A lease that is a mark in the row: nothing is held open while it lasts. */
export class PostgresLease implements Lease {
  readonly record: TokenRecord | undefined;
  readonly abandoned: boolean;
  readonly #context: LeaseContext;
  readonly #key: TokenKey;
  readonly #lease: string;
  readonly #revision: string;

  constructor(context: LeaseContext, key: TokenKey, granted: Granted) {
    this.#context = context;
    this.#key = key;
    this.record = granted.record;
    this.abandoned = granted.abandoned;
    this.#lease = granted.lease;
    this.#revision = granted.revision;
  }

  /** See {@link Lease.commit}: compare, set and tell in one statement. */
  async commit(next: TokenRecord | undefined): Promise<boolean> {
    return this.#context.writer.replace(this.#key, this.#revision, next);
  }

  /** See {@link Lease.renew}. */
  async renew(ttlMs: number): Promise<boolean> {
    return this.#mark(this.#context.statements.renew, [ttlMs]);
  }

  /** See {@link Lease.release}. */
  async release(): Promise<void> {
    await this.#mark(this.#context.statements.release, []);
  }

  async #mark(text: string, more: unknown[]): Promise<boolean> {
    const values = [keyId(this.#key), this.#lease, ...more];
    const { rowCount } = await this.#context.database.run(text, values, this.#key);
    return rowCount > 0;
  }
}
