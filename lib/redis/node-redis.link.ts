import { setTimeout as pause } from 'node:timers/promises';
import type { NodeRedisCluster, NodeRedisServer, NodeRedisSubscriber } from './redis.clients.js';
import type { RedisLink, RedisListener, RedisSend, RedisSubscription } from './redis.link.js';

/** How long a connection that the store has made may take to be ready, in milliseconds. */
const READY_MS = 2_000;
const READY_POLL_MS = 20;

/** A connection of `redis`, to one server. */
export class NodeRedisLink implements RedisLink {
  readonly keyPrefix = '';
  readonly #server: NodeRedisServer;
  readonly #isOurs: boolean;

  /** @param isOurs - The store has made it: it is waited for while it connects. */
  constructor(server: NodeRedisServer, isOurs = false) {
    this.#server = server;
    this.#isOurs = isOurs;
  }

  async send(_key: string, command: string, args: readonly string[]): Promise<unknown> {
    if (this.#isOurs) await this.#ready();
    return this.#server.sendCommand([command, ...args]);
  }

  async waitForReplicas(key: string, count: number, timeoutMs: number): Promise<number> {
    return Number(await this.send(key, 'WAIT', [String(count), String(timeoutMs)]));
  }

  async masters(): Promise<RedisSend[]> {
    return [(command, args) => this.send('', command, args)];
  }

  async subscribe(channel: string, listener: RedisListener): Promise<RedisSubscription> {
    return listen(this.#server, channel, listener);
  }

  async end(): Promise<void> {
    if (this.#server.isReady) await this.#server.close();
    else if (this.#server.isOpen) this.#server.destroy();
  }

  async #ready(): Promise<void> {
    const limit = performance.now() + READY_MS;
    while (!this.#server.isReady && performance.now() < limit) await pause(READY_POLL_MS);
  }
}

/** A connection of `redis`, to a cluster. */
export class NodeRedisClusterLink implements RedisLink {
  readonly keyPrefix = '';
  readonly #cluster: NodeRedisCluster;

  constructor(cluster: NodeRedisCluster) {
    this.#cluster = cluster;
  }

  async send(key: string, command: string, args: readonly string[]): Promise<unknown> {
    return this.#cluster.sendCommand(key, false, [command, ...args]);
  }

  async waitForReplicas(key: string, count: number, timeoutMs: number): Promise<number> {
    // By itself it would go to all masters; in a pipeline it goes where the key is.
    const pipeline = this.#cluster.multi(key);
    pipeline.addCommand(key, false, ['WAIT', String(count), String(timeoutMs)]);
    const [replicas] = await pipeline.execAsPipeline();
    return Number(replicas);
  }

  async masters(): Promise<RedisSend[]> {
    const servers = await this.#servers();
    return servers.map((server) => async (command, args) => server.sendCommand([command, ...args]));
  }

  async subscribe(channel: string, listener: RedisListener): Promise<RedisSubscription> {
    const servers = await this.#servers();
    const server = servers[Math.floor(Math.random() * servers.length)];
    if (!server) throw new Error('The cluster has no master that is known.');
    return listen(server, channel, listener);
  }

  async end(): Promise<void> {
    if (this.#cluster.isOpen) await this.#cluster.close();
  }

  #servers(): Promise<NodeRedisServer[]> {
    return Promise.all(
      this.#cluster.masters.map((master) => this.#cluster.nodeClient(master as never)),
    );
  }
}

async function listen(
  server: NodeRedisServer,
  channel: string,
  listener: RedisListener,
): Promise<RedisSubscription> {
  const subscriber: NodeRedisSubscriber = server.duplicate({
    socket: { ...server.options.socket, reconnectStrategy: false },
  });
  let isListening = false;
  const end = () => {
    if (subscriber.isOpen) subscriber.destroy();
  };
  subscriber.on('error', (error) => {
    // Without an attempt to reconnect, any error is the end.
    if (isListening) listener.lost(error);
  });
  subscriber.on('end', () => {
    if (isListening) listener.lost(undefined);
  });
  try {
    await subscriber.connect();
    await subscriber.subscribe(channel, listener.message);
  } catch (cause) {
    end();
    throw cause;
  }
  isListening = true;
  return { ping: () => subscriber.sendCommand(['PING']), end };
}
