import { ConfigurationError } from '../errors/configuration.errors.js';
import type { RedisConnection } from './redis.clients.js';

/** Which Redis: a connection of the application's own, or the address for one. Name one of them. */
export type RedisConnectionOptions =
  | {
      /** A connection that the application has made. It is never closed by the store. */
      readonly client: RedisConnection;
      readonly url?: undefined;
    }
  | {
      /**
       * The address of one server, `redis://` or `rediss://`; connected with whichever of `ioredis`
       * and `redis` is installed, `ioredis` first, on first use. For a cluster, or Sentinel, hand
       * a connection in.
       */
      readonly url: string;
      readonly client?: undefined;
    };

/** Options of both Redis stores. */
export type RedisStoreOptions = RedisConnectionOptions & {
  /** What the names of all keys, and of the channel of changes, begin with; by default `oauth:`. */
  readonly prefix?: string;
};

/** Waits for replicas after a write. */
export interface WaitReplicasOptions {
  /** How many replicas must have a write. */
  readonly count: number;
  /** How long they are waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/** Options of `RedisTokenStore`. */
export type RedisTokenStoreOptions = RedisStoreOptions & {
  /**
   * How many seconds a refresh token lasts after it was obtained, where its server does not say so
   * by `refresh_expires_in` or `refresh_token_expires_in`. Without it, a record with a refresh token
   * of unknown life is kept for ever.
   */
  readonly refreshExpiresInSeconds?: number;
  /**
   * Asks Redis, after each write, to wait until replicas have it, which a failover then does not
   * lose: one more round trip, as long as the replicas take. When too few answer in time the write
   * stands, with a warning.
   */
  readonly waitReplicas?: WaitReplicasOptions;
};

/** Refuses what cannot work, before anything is connected. The address is not said: it may hold a password. */
export function checkOptions(options: RedisTokenStoreOptions): void {
  const { client, url, refreshExpiresInSeconds, waitReplicas } = options as Partial<
    Record<keyof RedisTokenStoreOptions, unknown>
  >;
  if ((client === undefined) === (url === undefined)) {
    refuse('One of client and url is needed.', 'Pass { client } or { url }.');
  }
  if (url !== undefined && !isRedisUrl(url)) {
    refuse('The url is not an address of Redis.', 'Use redis://host:port or rediss://host:port.');
  }
  if (refreshExpiresInSeconds !== undefined && !isAbove(refreshExpiresInSeconds, 0)) {
    refuse('refreshExpiresInSeconds is not a number above 0.', 'Pass seconds, or leave it out.');
  }
  const wait = waitReplicas as Partial<Record<keyof WaitReplicasOptions, unknown>> | undefined;
  if (wait && !(isWhole(wait.count) && isWhole(wait.timeoutMs))) {
    refuse(
      'waitReplicas does not say how many replicas, and how long.',
      'Pass { count, timeoutMs } as whole numbers above 0.',
    );
  }
}

function isRedisUrl(url: unknown): boolean {
  if (typeof url !== 'string') return false;
  try {
    return ['redis:', 'rediss:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

function isAbove(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > least;
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && isAbove(value, 0);
}

function refuse(problem: string, remedy: string): never {
  throw new ConfigurationError({ problem: `Redis store: ${problem}`, remedy });
}
