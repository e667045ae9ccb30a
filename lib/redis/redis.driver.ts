import { ConfigurationError } from '../errors/configuration.errors.js';
import { IoRedisClusterLink, IoRedisLink } from './ioredis.link.js';
import { NodeRedisClusterLink, NodeRedisLink } from './node-redis.link.js';
import type {
  IoRedisCluster,
  IoRedisServer,
  NodeRedisCluster,
  NodeRedisServer,
  RedisConnection,
} from './redis.clients.js';
import type { RedisLink } from './redis.link.js';

/** Connects to an address with one driver. */
type Opener = (url: string) => Promise<RedisLink>;

/**
 * How long after a loss, and after each failure, a connection is tried again, in milliseconds: who
 * holds a token that could not be stored is to be back before somebody else spends the former one.
 */
const RECONNECT_MS = 100;

/** How an address is connected to: by the first of these that is installed. */
export const OPENERS: readonly Opener[] = [
  async (url) => {
    const { Redis } = await import('ioredis');
    // What fails is to fail soon: a renewal decides what then, not a queue of the driver.
    const client = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      // A command that was sent already waits for a new connection, whatever is said above.
      commandTimeout: 2_000,
      retryStrategy: () => RECONNECT_MS,
    });
    client.on('error', () => undefined);
    return new IoRedisLink(client);
  },
  async (url) => {
    const { createClient } = await import('redis');
    const client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: RECONNECT_MS },
    });
    client.on('error', () => undefined);
    // It goes on trying; whoever sends waits a while for it.
    client.connect().catch(() => undefined);
    return new NodeRedisLink(client, true);
  },
];

/** Connects to an address with whichever driver is installed. */
export async function openUrl(url: string, openers = OPENERS): Promise<RedisLink> {
  for (const open of openers) {
    try {
      return await open(url);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  throw new ConfigurationError({
    problem: 'Neither "ioredis" nor "redis" is installed, one of which a Redis store needs.',
    remedy: 'Run npm install ioredis.',
  });
}

/** Tells by its members what a connection is; for the driver's class it would have to be loaded. */
export function linkOf(client: RedisConnection): RedisLink {
  const has = (...members: string[]) =>
    typeof client === 'object' &&
    client !== null &&
    members.every((member) => typeof Reflect.get(client, member) === 'function');
  if (has('call', 'nodes')) return new IoRedisClusterLink(client as IoRedisCluster);
  if (has('call', 'duplicate')) return new IoRedisLink(client as IoRedisServer);
  if (has('sendCommand', 'nodeClient')) return new NodeRedisClusterLink(client as NodeRedisCluster);
  if (has('sendCommand', 'duplicate', 'select')) {
    return new NodeRedisLink(client as NodeRedisServer);
  }
  throw new ConfigurationError({
    problem: 'The Redis connection that was handed in is of no kind that the store knows.',
    remedy:
      'Hand in a Redis or Cluster of "ioredis", or what createClient() or createCluster() of "redis" returns.',
  });
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error ? (Reflect.get(error, 'code') as unknown) : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
