import { randomUUID } from 'node:crypto';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { unreadable } from './redis.errors.js';
import { DEFAULT_PREFIX, RedisKeys } from './redis.keys.js';
import { replyText } from './redis.link.js';
import { checkOptions, type RedisStoreOptions } from './redis.options.js';
import { about } from './redis.records.js';
import { SAVE, TAKE } from './redis.scripts.js';
import { RedisServer } from './redis.server.js';

/**
 * Keeps pending authorization requests in Redis: a callback may return to any replica. Each lives as
 * long as it may be answered; a state that was taken is refused for as long. Saving and taking are
 * one round trip each, and reject with a `TokenStoreError` when Redis does not answer. With a `url`
 * of its own the module closes it at shutdown.
 *
 * @example
 * ```ts
 * const client = new Redis(process.env.REDIS_URL!);
 * OAuthClientModule.forRoot({
 *   store: new RedisTokenStore({ client }),
 *   authorizationRequestStore: new RedisAuthorizationRequestStore({ client }),
 *   clients: { … },
 * });
 * ```
 */
export class RedisAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #prefix: string;
  readonly #keys: RedisKeys;
  readonly #server: RedisServer;

  /**
   * Connects on first use.
   *
   * @throws ConfigurationError when the options cannot work.
   */
  constructor(options: RedisStoreOptions) {
    checkOptions(options);
    this.#prefix = options.prefix ?? DEFAULT_PREFIX;
    this.#keys = new RedisKeys(this.#prefix);
    this.#server = new RedisServer(options);
  }

  /** See {@link AuthorizationRequestStore.save}. */
  save(stateHash: string, request: AuthorizationRequestRecord, ttlMs: number): Promise<boolean> {
    return about(request, async () => {
      // A driver that sends the command twice is known by this, and told the same again.
      const unique = `${randomUUID()}\n${JSON.stringify(request)}`;
      const ttl = String(Math.max(1, Math.ceil(ttlMs)));
      const key = this.#keys.request(stateHash);
      return Number(await this.#server.run(SAVE, [key], [unique, ttl])) === 1;
    });
  }

  /** See {@link AuthorizationRequestStore.take}. */
  take(stateHash: string): Promise<AuthorizationRequestRecord | undefined> {
    return about({}, async () => {
      const key = this.#keys.request(stateHash);
      const found = replyText(await this.#server.run(TAKE, [key]));
      return found === undefined ? undefined : parsed(found);
    });
  }

  /** Ends the connection if the store has made it; one that was handed in stays as it is. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  /** What JSON shows: the prefix alone. */
  toJSON(): { prefix: string } {
    return { prefix: this.#prefix };
  }

  /** What `console.log` and `util.inspect` show: the prefix alone. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `RedisAuthorizationRequestStore { prefix: ${JSON.stringify(this.#prefix)} }`;
  }
}

function parsed(text: string): AuthorizationRequestRecord {
  try {
    return JSON.parse(text.slice(text.indexOf('\n') + 1)) as AuthorizationRequestRecord;
  } catch {
    throw unreadable({});
  }
}
