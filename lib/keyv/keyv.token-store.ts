import { createHash } from 'node:crypto';
import type { Keyv } from 'keyv';
import { TokenStoreError } from '../errors/store.errors.js';
import type { TokenRecord } from '../protocol/token-record.js';
import { endOfRecord } from '../store/record-lifetime.js';
import type { TokenKey } from '../store/token-key.js';
import type { TokenStore } from '../store/token-store.js';
import { KeyvBackend } from './keyv.backend.js';

/** What {@link KeyvTokenStore} may be told. */
export interface KeyvTokenStoreOptions {
  /** What keys begin with, to tell stores apart that share a Keyv; `oauth-token:` by default. */
  prefix?: string;
  /** For how many seconds a record is kept beyond its end; 60 by default. */
  graceSeconds?: number;
  /**
   * How many seconds a refresh token is good for once its token was obtained, where the server does
   * not say (`refresh_expires_in`, `refresh_token_expires_in`). Without either, a record with a
   * refresh token is kept for ever.
   */
  refreshExpiresInSeconds?: number;
}

/** What is stored: its key too, since keys of the backend are hashes. */
interface Stored {
  readonly prefix: string;
  readonly key: TokenKey;
  readonly record: TokenRecord;
}

const DEFAULT_PREFIX = 'oauth-token:';
const DEFAULT_GRACE_SECONDS = 60;

/**
 * Keeps tokens in any backend of Keyv 5: SQLite, MySQL, MongoDB, Memcached, etcd and others.
 *
 * Keyv can neither lock nor compare: this store has no leases, and is therefore for **one process
 * that writes**. Two replicas on it would spend the same refresh token twice; use `RedisTokenStore`
 * or `PostgresTokenStore` for those. It has no `changes$`, and `keys` where the adapter has an
 * iterator that Keyv knows of.
 *
 * Keys are the prefix and a SHA-256, so that no backend mixes two of them up for their case, length
 * or characters. A record without a refresh token is kept until its `expiresAt`, one with it for
 * ever, or until it ends, too, as the server or `refreshExpiresInSeconds` says; each `graceSeconds`
 * longer.
 *
 * Give it a Keyv of its own: its `throwOnErrors`, and that of the adapter, are switched on, since a
 * failed read that is answered with nothing looks like a lost grant. Any failure of the backend is a
 * `TokenStoreError`. A driver that queues while it is disconnected is waited for 10 seconds by the
 * module; node-redis takes `disableOfflineQueue: true`.
 *
 * @example
 * ```ts
 * import { Keyv } from 'keyv';
 * import KeyvSqlite from '@keyv/sqlite';
 * import { KeyvTokenStore } from 'nestjs-oauth-client/keyv';
 *
 * OAuthClientModule.forRoot({
 *   clients,
 *   store: new KeyvTokenStore(new Keyv(new KeyvSqlite('sqlite://tokens.sqlite'))),
 * });
 * ```
 */
export class KeyvTokenStore implements TokenStore {
  readonly #backend: KeyvBackend;
  readonly #prefix: string;
  readonly #graceMs: number;
  readonly #refreshExpiresInSeconds: number | undefined;

  /** See {@link TokenStore.keys}: all records are read for it. Absent where Keyv cannot list. */
  readonly keys?: (query: { client?: string; subject?: string }) => AsyncIterable<TokenKey>;

  /** @param keyv - Where the records are kept. It is not disconnected by {@link close}. */
  constructor(keyv: Keyv, options: KeyvTokenStoreOptions = {}) {
    const { prefix = DEFAULT_PREFIX, graceSeconds = DEFAULT_GRACE_SECONDS } = options;
    this.#backend = new KeyvBackend(keyv);
    this.#prefix = prefix;
    this.#graceMs = graceSeconds * 1000;
    this.#refreshExpiresInSeconds = options.refreshExpiresInSeconds;
    if (this.#backend.canList) this.keys = (query) => this.#list(query);
  }

  /** See {@link TokenStore.get}. @throws TokenStoreError when the backend fails. */
  async get(key: TokenKey): Promise<TokenRecord | undefined> {
    const value = await this.#backend.get(this.#idOf(key), whose(key));
    if (value === undefined) return undefined;
    const stored = this.#storedIn(value);
    if (stored && isSame(stored.key, key)) return stored.record;
    throw new TokenStoreError({
      ...whose(key),
      problem: 'What the Keyv backend holds for this token is damaged, or of somebody else.',
      remedy: 'Find out who writes there, then clear the token and connect again.',
    });
  }

  /** See {@link TokenStore.set}. @throws TokenStoreError when the backend fails. */
  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    const { client, subject, variant } = key;
    const stored: Stored = {
      prefix: this.#prefix,
      key: { client, subject, ...(variant !== undefined && { variant }) },
      record,
    };
    const text = JSON.stringify(stored);
    await this.#backend.set(this.#idOf(key), text, this.#ttlMs(record), whose(key));
  }

  /** See {@link TokenStore.delete}. @throws TokenStoreError when the backend fails. */
  async delete(key: TokenKey): Promise<boolean> {
    return this.#backend.delete(this.#idOf(key), whose(key));
  }

  /** See {@link TokenStore.close}: the Keyv stays connected, since it was not made here. */
  async close(): Promise<void> {
    this.#backend.close();
  }

  async *#list(query: { client?: string; subject?: string }): AsyncGenerator<TokenKey> {
    for await (const value of this.#backend.values()) {
      const stored = this.#storedIn(value);
      if (!stored) continue;
      const { client, subject } = stored.key;
      if (query.client !== undefined && query.client !== client) continue;
      if (query.subject !== undefined && query.subject !== subject) continue;
      yield stored.key;
    }
  }

  /** Milliseconds that a record is of use for; 0 where that is not known. */
  #ttlMs(record: TokenRecord): number {
    const end = endOfRecord(record, this.#refreshExpiresInSeconds);
    if (end === undefined) return 0;
    const left = Math.max(0, end * 1000 - Date.now());
    return Math.max(1, Math.ceil(left + this.#graceMs));
  }

  #storedIn(value: unknown): Stored | undefined {
    if (typeof value !== 'string') return undefined;
    try {
      const stored = JSON.parse(value) as Partial<Stored> | null;
      const isOurs = stored?.prefix === this.#prefix && stored.key && stored.record;
      return isOurs ? (stored as Stored) : undefined;
    } catch {
      return undefined;
    }
  }

  #idOf({ client, subject, variant }: TokenKey): string {
    // As JSON different keys have different bytes, not even half a character makes them equal.
    const parts = JSON.stringify([client, subject, variant]);
    return `${this.#prefix}${createHash('sha256').update(parts).digest('hex')}`;
  }

  /** What JSON shows: no record. */
  toJSON(): { prefix: string } {
    return { prefix: this.#prefix };
  }

  /** What `console.log` and `util.inspect` show: no record. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `KeyvTokenStore { prefix: ${JSON.stringify(this.#prefix)} }`;
  }
}

function whose({ client, subject }: TokenKey): { client: string; subject: string } {
  return { client, subject };
}

function isSame(one: TokenKey, other: TokenKey): boolean {
  return (
    one.client === other.client && one.subject === other.subject && one.variant === other.variant
  );
}
