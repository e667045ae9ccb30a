import type { IoRedisCluster, IoRedisServer, IoRedisSubscriber } from './redis.clients.js';
import {
  replyText,
  type RedisLink,
  type RedisListener,
  type RedisSend,
  type RedisSubscription,
} from './redis.link.js';

/** A connection of `ioredis`, to one server. */
export class IoRedisLink implements RedisLink {
  readonly keyPrefix: string;
  readonly #client: IoRedisServer | IoRedisCluster;

  constructor(client: IoRedisServer | IoRedisCluster) {
    this.#client = client;
    this.keyPrefix = replyText(client.options.keyPrefix) ?? '';
  }

  async send(_key: string, command: string, args: readonly string[]): Promise<unknown> {
    return this.#client.call(command, [...args]);
  }

  async waitForReplicas(_key: string, count: number, timeoutMs: number): Promise<number> {
    return Number(await this.#client.call('WAIT', [String(count), String(timeoutMs)]));
  }

  async masters(): Promise<RedisSend[]> {
    const servers = await this.servers();
    return servers.map((server) => async (command, args) => server.call(command, [...args]));
  }

  async subscribe(channel: string, listener: RedisListener): Promise<RedisSubscription> {
    const servers = await this.servers();
    const server = servers[Math.floor(Math.random() * servers.length)];
    if (!server) throw new Error('The cluster has no master that is known.');
    const subscriber = server.duplicate({
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    return listen(subscriber, channel, listener);
  }

  async end(): Promise<void> {
    if (this.#client.status === 'ready') await this.#client.quit();
    else this.#client.disconnect();
  }

  /** The servers, one of them enough to subscribe at. */
  protected async servers(): Promise<IoRedisServer[]> {
    return [this.#client as IoRedisServer];
  }
}

/** A connection of `ioredis`, to a cluster. */
export class IoRedisClusterLink extends IoRedisLink {
  readonly #cluster: IoRedisCluster;

  constructor(cluster: IoRedisCluster) {
    super(cluster);
    this.#cluster = cluster;
  }

  override async waitForReplicas(key: string, count: number, timeoutMs: number): Promise<number> {
    // A command without a key goes to any node. In a pipeline it goes where the others go.
    const replies = await this.#cluster
      .pipeline([
        ['eval', 'return 0', '1', key],
        ['wait', String(count), String(timeoutMs)],
      ])
      .exec();
    const [error, replicas] = replies?.[1] ?? [new Error('No answer to WAIT.'), 0];
    if (error) throw error;
    return Number(replicas);
  }

  protected override async servers(): Promise<IoRedisServer[]> {
    // Any command is queued until the nodes are known.
    if (this.#cluster.nodes('master').length === 0) await this.#cluster.call('PING', []);
    return this.#cluster.nodes('master');
  }
}

async function listen(
  subscriber: IoRedisSubscriber,
  channel: string,
  listener: RedisListener,
): Promise<RedisSubscription> {
  let failure: unknown;
  subscriber.on('error', (error: unknown) => (failure = error));
  subscriber.on('message', (_channel: string, text: string) => listener.message(text));
  try {
    await subscriber.connect();
    await subscriber.subscribe(channel);
  } catch (cause) {
    subscriber.disconnect();
    throw failure ?? cause;
  }
  subscriber.on('end', () => listener.lost(failure));
  return {
    ping: () => subscriber.call('PING', []),
    end: () => subscriber.disconnect(),
  };
}
