import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import { redisError, unreadable } from './redis.errors.js';
import { nameOf, type RedisKeys } from './redis.keys.js';
import { endOf } from './redis.lifetime.js';
import { replyText } from './redis.link.js';
import type { WaitReplicasOptions } from './redis.options.js';
import * as scripts from './redis.scripts.js';
import type { RedisServer } from './redis.server.js';

/** How records are kept, and what is to be told of their replicas. */
export interface RedisRecordsOptions {
  readonly refreshExpiresInSeconds: number | undefined;
  readonly waitReplicas: WaitReplicasOptions | undefined;
  /** So many replicas have a write, of so many that were waited for. */
  readonly onReplicas: (replicas: number, wanted: number) => void;
}

/** A lease that was granted, and what it was granted on. */
export interface GrantedLease {
  readonly record: TokenRecord | undefined;
  readonly abandoned: boolean;
}

/** Records and the leases on them: one operation, one script, one round trip. */
export class RedisRecords {
  readonly #server: RedisServer;
  readonly #keys: RedisKeys;
  readonly #options: RedisRecordsOptions;

  constructor(server: RedisServer, keys: RedisKeys, options: RedisRecordsOptions) {
    this.#server = server;
    this.#keys = keys;
    this.#options = options;
  }

  get(key: TokenKey): Promise<TokenRecord | undefined> {
    return about(key, async () =>
      parsed(key, await this.#server.run(scripts.GET, this.#names(key))),
    );
  }

  set(key: TokenKey, record: TokenRecord): Promise<void> {
    return about(key, async () => {
      const args = [...(await this.#change(key)), ...this.#write(record)];
      await this.#server.run(scripts.SET, this.#names(key), args);
      await this.#replicate(key);
    });
  }

  delete(key: TokenKey): Promise<boolean> {
    return about(key, async () => {
      const args = await this.#change(key);
      const existed = isYes(await this.#server.run(scripts.DELETE, this.#names(key), args));
      if (existed) await this.#replicate(key);
      return existed;
    });
  }

  /** Asks for a lease under a name that nobody else has. */
  acquire(key: TokenKey, lease: string, ttlMs: number): Promise<GrantedLease | undefined> {
    return about(key, async () => {
      const args = [lease, milliseconds(ttlMs)];
      const reply = await this.#server.run(scripts.ACQUIRE, this.#names(key), args);
      if (!Array.isArray(reply)) return undefined;
      const [others, record] = reply as unknown[];
      try {
        return { abandoned: Number(others) > 0, record: parsed(key, record) };
      } catch (error) {
        await this.release(key, lease);
        throw error;
      }
    });
  }

  commit(key: TokenKey, lease: string, next: TokenRecord | undefined): Promise<boolean> {
    return about(key, async () => {
      const write = next === undefined ? ['', ''] : this.#write(next);
      const args = [...(await this.#change(key)), ...write, lease];
      const committed = isYes(await this.#server.run(scripts.COMMIT, this.#names(key), args));
      if (committed) await this.#replicate(key);
      return committed;
    });
  }

  renew(key: TokenKey, lease: string, ttlMs: number): Promise<boolean> {
    return about(key, async () =>
      isYes(await this.#server.run(scripts.RENEW, this.#names(key), [lease, milliseconds(ttlMs)])),
    );
  }

  release(key: TokenKey, lease: string): Promise<void> {
    return about(key, async () => {
      await this.#server.run(scripts.RELEASE, this.#names(key), [lease]);
    });
  }

  /** The names that a script works with: the third one tells that it is a variant. */
  #names(key: TokenKey): [string, ...string[]] {
    const names: [string, ...string[]] = [this.#keys.record(key), this.#keys.lease(key)];
    return key.variant === undefined ? names : [...names, this.#keys.variants(key)];
  }

  /** What a change is published as, and indexed under. */
  async #change(key: TokenKey): Promise<string[]> {
    const { keyPrefix } = await this.#server.link();
    return [this.#keys.channel(keyPrefix), nameOf(key), nameOfVariant(key)];
  }

  #write(record: TokenRecord): string[] {
    const end = endOf(record, this.#options.refreshExpiresInSeconds);
    return [JSON.stringify(record), end === undefined ? '' : String(end)];
  }

  async #replicate(key: TokenKey): Promise<void> {
    const { waitReplicas, onReplicas } = this.#options;
    if (!waitReplicas) return;
    const { count, timeoutMs } = waitReplicas;
    const link = await this.#server.link();
    const replicas = await link.waitForReplicas(this.#keys.record(key), count, timeoutMs);
    onReplicas(replicas, count);
  }
}

/** Runs what concerns a key; what fails is reported as the one error for that. */
export async function about<T>(
  whom: { readonly client?: string; readonly subject?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw redisError(error, whom);
  }
}

/** Under which name a variant is indexed. */
function nameOfVariant({ variant }: TokenKey): string {
  return variant === undefined ? '' : JSON.stringify(variant);
}

function parsed(key: TokenKey, reply: unknown): TokenRecord | undefined {
  const text = replyText(reply);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as TokenRecord;
  } catch {
    throw unreadable(key);
  }
}

function isYes(reply: unknown): boolean {
  return Number(reply) === 1;
}

/** As whole milliseconds, of which the server has no fewer than one. */
function milliseconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)));
}
