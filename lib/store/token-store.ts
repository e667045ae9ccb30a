import type { Observable } from 'rxjs';
import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from './token-key.js';

/**
 * Where tokens are kept. Implement it for any database, and run `describeTokenStore` of
 * `nestjs-oauth-client/testing` on it: it holds all that is said here.
 *
 * A store without {@link TokenStore.acquireLease} is for one process only.
 */
export interface TokenStore {
  /** The record of a key, or `undefined`. What is returned may not be changed by the caller. */
  get(key: TokenKey): Promise<TokenRecord | undefined>;
  /** Writes a record; always wins over a lease that was granted before, and ends it. */
  set(key: TokenKey, record: TokenRecord): Promise<void>;
  /** Deletes a record, true when there was one; always wins over a lease, and ends it. */
  delete(key: TokenKey): Promise<boolean>;
  /**
   * The one right to renew the token of this key, with the record as it stands, in one step;
   * `undefined` while somebody else holds it.
   *
   * @param ttlMs - Milliseconds after which the lease ends by itself, by the store's clock.
   */
  acquireLease?(key: TokenKey, ttlMs: number): Promise<Lease | undefined>;
  /**
   * Keys that were changed or deleted, by any process. It errors when the connection behind it is
   * lost; subscribing again connects again.
   */
  readonly changes$?: Observable<TokenKey>;
  /**
   * The keys that are stored, all or those of one client or subject; in no order, and now and then
   * one of them twice where others are written meanwhile. Without it the
   * variants of a grant are not found when the grant ends, and stay until they expire.
   */
  keys?(query: { client?: string; subject?: string }): AsyncIterable<TokenKey>;
  /** Ends connections and timers that the store itself has made. */
  close?(): Promise<void>;
}

/** The right to renew one token. At most one is held at a time; it lapses when its time is over. */
export interface Lease {
  /** The record as it stood when the lease was granted. */
  readonly record: TokenRecord | undefined;
  /**
   * An earlier lease on this same record was neither committed nor released: its holder died, or
   * is slow, and the record's refresh token may be spent.
   */
  readonly abandoned: boolean;
  /**
   * Writes the next record (`undefined` deletes) while the stored one is still {@link Lease.record},
   * even after the lease has lapsed, and ends the lease; false, and nothing is written, when
   * somebody has changed or deleted it meanwhile.
   */
  commit(next: TokenRecord | undefined): Promise<boolean>;
  /**
   * Prolongs the lease, to end so many milliseconds from now; false when it is no longer held.
   */
  renew(ttlMs: number): Promise<boolean>;
  /**
   * Gives the lease back: nothing was spent. Done twice, or after a commit, it does nothing: least
   * of all to a lease that somebody else was granted since.
   */
  release(): Promise<void>;
}
