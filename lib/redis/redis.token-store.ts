import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import type { Lease, TokenStore } from '../store/token-store.js';
import { changeFeed } from './redis.change-feed.js';
import { redisError } from './redis.errors.js';
import { evictionWarning } from './redis.eviction.js';
import { DEFAULT_PREFIX, RedisKeys } from './redis.keys.js';
import type { RedisLink } from './redis.link.js';
import { RedisListing } from './redis.listing.js';
import { checkOptions, type RedisTokenStoreOptions } from './redis.options.js';
import { RedisRecords } from './redis.records.js';
import { RedisServer } from './redis.server.js';

/**
 * Keeps tokens in Redis, for any number of processes: with `ioredis` or `redis`, on one server or in
 * a Cluster, with `ioredis` also by way of Sentinel. A renewal is two round trips: the lease with
 * the record, and the commit; each is one script, and time is the server's.
 *
 * A record is dropped five minutes after neither of its tokens can be used any more: without a
 * refresh token once the access token has ended; with one once that has ended, too, by the
 * `refresh_expires_in` or `refresh_token_expires_in` of the token response (0 is for ever), else by
 * `refreshExpiresInSeconds`. Where an end is unknown it is kept for ever.
 *
 * Needs Redis 5 or later; a user with `EVAL`, `EVALSHA`, `SCAN`, the keys that begin with the prefix,
 * and the channel `oauth:changes` to publish and subscribe. It warns, through Nest's logger, when
 * the server's `maxmemory-policy` could drop grants. Every method rejects with a `TokenStoreError`
 * when Redis does not answer; a connection that was handed in may wait for long before it says so.
 *
 * @example
 * ```ts
 * OAuthClientModule.forRoot({
 *   store: new RedisTokenStore({ url: process.env.REDIS_URL! }),
 *   clients: { … },
 * });
 *
 * new RedisTokenStore({ client: new Cluster([{ host, port }]), prefix: 'billing:oauth:' });
 * ```
 */
export class RedisTokenStore implements TokenStore {
  readonly #prefix: string;
  readonly #server: RedisServer;
  readonly #records: RedisRecords;
  readonly #listing: RedisListing;
  readonly #closed = new Subject<void>();
  readonly #logger = new Logger('RedisTokenStore');
  #hasWarnedOfReplicas = false;

  /**
   * Keys that were changed or deleted, by any process that uses the same prefix. It errors with a
   * `TokenStoreError` when its connection is lost; subscribing again connects again.
   */
  readonly changes$: Observable<TokenKey>;

  /**
   * Connects on first use.
   *
   * @throws ConfigurationError when the options cannot work.
   */
  constructor(options: RedisTokenStoreOptions) {
    checkOptions(options);
    const { prefix = DEFAULT_PREFIX, refreshExpiresInSeconds, waitReplicas } = options;
    const keys = new RedisKeys(prefix);
    this.#prefix = prefix;
    this.#server = new RedisServer(options, (link) => void this.#warnOfEviction(link));
    this.#records = new RedisRecords(this.#server, keys, {
      refreshExpiresInSeconds,
      waitReplicas,
      onReplicas: (replicas, wanted) => this.#warnOfReplicas(replicas, wanted),
    });
    this.#listing = new RedisListing(this.#server, keys);
    this.changes$ = changeFeed(this.#server, keys, this.#closed);
  }

  /** See {@link TokenStore.get}. One round trip. */
  get(key: TokenKey): Promise<TokenRecord | undefined> {
    return this.#records.get(key);
  }

  /** See {@link TokenStore.set}. One round trip. */
  set(key: TokenKey, record: TokenRecord): Promise<void> {
    return this.#records.set(key, record);
  }

  /** See {@link TokenStore.delete}. One round trip. */
  delete(key: TokenKey): Promise<boolean> {
    return this.#records.delete(key);
  }

  /** See {@link TokenStore.acquireLease}. One round trip, as is each method of the lease. */
  async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const records = this.#records;
    const id = randomUUID();
    const granted = await records.acquire(key, id, ttlMs);
    return (
      granted && {
        ...granted,
        commit: (next) => records.commit(key, id, next),
        renew: (ms) => records.renew(key, id, ms),
        release: () => records.release(key, id),
      }
    );
  }

  /**
   * See {@link TokenStore.keys}. Two round trips for a client and a subject; else it walks through
   * all that the server, or every master of the cluster, holds.
   */
  async *keys(query: { client?: string; subject?: string }): AsyncIterable<TokenKey> {
    try {
      yield* this.#listing.list(query);
    } catch (error) {
      throw redisError(error, query);
    }
  }

  /** Ends the connections that the store has made; one that was handed in stays as it is. */
  async close(): Promise<void> {
    this.#closed.next();
    await this.#server.close();
  }

  async #warnOfEviction(link: RedisLink): Promise<void> {
    // A server that cannot be asked gives no reason to warn.
    const warning = await evictionWarning(link).catch(() => undefined);
    if (warning !== undefined) this.#logger.warn(warning);
  }

  /** Once, until enough replicas have answered again. */
  #warnOfReplicas(replicas: number, wanted: number): void {
    const isEnough = replicas >= wanted;
    if (!isEnough && !this.#hasWarnedOfReplicas) {
      this.#logger.warn(
        `Only ${replicas} of ${wanted} replicas had a token in time: a failover now could lose it.`,
      );
    }
    this.#hasWarnedOfReplicas = !isEnough;
  }

  /** What JSON shows: the prefix alone. */
  toJSON(): { prefix: string } {
    return { prefix: this.#prefix };
  }

  /** What `console.log` and `util.inspect` show: the prefix alone. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `RedisTokenStore { prefix: ${JSON.stringify(this.#prefix)} }`;
  }
}
