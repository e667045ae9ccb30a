/*
 * The two drivers, as far as the stores use them. They are described here, and not imported, so
 * that a service with one of them needs neither the other nor its types.
 */

/** One server behind `ioredis`: its `Redis`, also by way of Sentinel. */
export interface IoRedisServer {
  readonly status: string;
  readonly options: { readonly keyPrefix?: string | Uint8Array | undefined };
  call(command: string, args: string[]): Promise<unknown>;
  duplicate(override: {
    lazyConnect: boolean;
    retryStrategy: () => null;
    maxRetriesPerRequest: number;
  }): IoRedisSubscriber;
  quit(): Promise<unknown>;
  disconnect(): void;
}

/** What `duplicate()` of an {@link IoRedisServer} makes. */
export interface IoRedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  call(command: string, args: string[]): Promise<unknown>;
  on(event: 'message', listener: (channel: string, text: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  disconnect(): void;
}

/** The `Cluster` of `ioredis`. */
export interface IoRedisCluster {
  readonly status: string;
  readonly options: { readonly keyPrefix?: string | Uint8Array | undefined };
  call(command: string, args: string[]): Promise<unknown>;
  nodes(role: 'master'): IoRedisServer[];
  pipeline(commands: string[][]): { exec(): Promise<[Error | null, unknown][] | null> };
  quit(): Promise<unknown>;
  disconnect(): void;
}

/** One server behind `redis`: what its `createClient()` returns. */
export interface NodeRedisServer {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options: { readonly socket?: object | undefined };
  sendCommand(args: string[]): Promise<unknown>;
  duplicate(overrides: { socket: { reconnectStrategy: false } }): NodeRedisSubscriber;
  close(): Promise<unknown>;
  destroy(): void;
}

/** What `duplicate()` of a {@link NodeRedisServer} makes. */
export interface NodeRedisSubscriber {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  sendCommand(args: string[]): Promise<unknown>;
  on(event: string, listener: (error?: unknown) => void): unknown;
  destroy(): void;
}

/** Commands that go to one node of a {@link NodeRedisCluster}. */
export interface NodeRedisPipeline {
  addCommand(firstKey: string, isReadonly: boolean, args: string[]): unknown;
  execAsPipeline(): Promise<unknown[]>;
}

/** What `createCluster()` of `redis` returns. */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly masters: readonly object[];
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>;
  multi(routing: string): NodeRedisPipeline;
  nodeClient(node: never): Promise<NodeRedisServer>;
  close(): Promise<unknown>;
  destroy(): void;
}

/**
 * A connection that the application has made: `Redis` or `Cluster` of `ioredis`, `createClient()`
 * or `createCluster()` of `redis`. With `redis`, call its `connect()` first.
 *
 * @example
 * ```ts
 * const store = new RedisTokenStore({ client: new Redis(process.env.REDIS_URL!) });
 * const store = new RedisTokenStore({ client: await createClient({ url }).connect() });
 * ```
 */
export type RedisConnection = IoRedisServer | IoRedisCluster | NodeRedisServer | NodeRedisCluster;
