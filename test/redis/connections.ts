import { Cluster, Redis } from 'ioredis';
import type { RedisConnection } from 'nestjs-oauth-client/redis';
import { createClient, createCluster } from 'redis';
import type { RealRedis, RealRedisCluster } from '../support/redis-server.js';

/** A connection as an application would make it, and how the application closes it. */
export interface Connection {
  readonly client: RedisConnection;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<unknown>;
}

/** How the two drivers connect to one server. */
export const DRIVERS = {
  ioredis: async (server: RealRedis): Promise<Connection> => {
    const client = new Redis(server.port, '127.0.0.1');
    client.on('error', () => undefined);
    return { client, isOpen: () => client.status === 'ready', close: () => client.quit() };
  },
  'node-redis': async (server: RealRedis): Promise<Connection> => {
    const client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, isOpen: () => client.isReady, close: () => client.close() };
  },
};

/** How the two drivers connect to a cluster. */
export const CLUSTER_DRIVERS = {
  ioredis: async ({ nodes }: RealRedisCluster): Promise<Connection> => {
    const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    return { client, isOpen: () => client.status === 'ready', close: () => client.quit() };
  },
  'node-redis': async ({ nodes }: RealRedisCluster): Promise<Connection> => {
    const client = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) });
    await client.connect();
    return { client, isOpen: () => client.isOpen, close: () => client.close() };
  },
};
