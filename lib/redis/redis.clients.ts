/*
 * The two drivers, as far as the stores use them. They are described here, and not imported, so
 * that a service with one of them needs neither the other nor its types.
 */

/** One server behind `ioredis`: its `Redis`, also by way of Sentinel. */
export interface IoRedisServer {
  /** Where the connection stands. */
  readonly status: string;
  /** What it was made with. */
  readonly options: { readonly keyPrefix?: string | Uint8Array | undefined };
  /** Sends one command. */
  call(command: string, args: string[]): Promise<unknown>;
  /** Another connection to the same server. */
  duplicate(override: {
    lazyConnect: boolean;
    retryStrategy: () => null;
    maxRetriesPerRequest: number;
  }): IoRedisSubscriber;
  /** Ends the connection once all commands are answered. */
  quit(): Promise<unknown>;
  /** Ends the connection at once. */
  disconnect(): void;
}

/** What `duplicate()` of an {@link IoRedisServer} makes. */
export interface IoRedisSubscriber {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Listens to a channel. */
  subscribe(channel: string): Promise<unknown>;
  /** Sends one command. */
  call(command: string, args: string[]): Promise<unknown>;
  /** Listens to the connection. */
  on(event: 'message', listener: (channel: string, text: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  /** Ends the connection at once. */
  disconnect(): void;
}

/** The `Cluster` of `ioredis`. */
export interface IoRedisCluster {
  /** Where the connection stands. */
  readonly status: string;
  /** What it was made with. */
  readonly options: { readonly keyPrefix?: string | Uint8Array | undefined };
  /** Sends one command. */
  call(command: string, args: string[]): Promise<unknown>;
  /** The nodes of a role. */
  nodes(role: 'master'): IoRedisServer[];
  /** Commands that are sent together. */
  pipeline(commands: string[][]): { exec(): Promise<[Error | null, unknown][] | null> };
  /** Ends the connection once all commands are answered. */
  quit(): Promise<unknown>;
  /** Ends the connection at once. */
  disconnect(): void;
}

/** One server behind `redis`: what its `createClient()` returns. */
export interface NodeRedisServer {
  /** Whether it was connected and not ended. */
  readonly isOpen: boolean;
  /** Whether commands are answered now. */
  readonly isReady: boolean;
  /** What it was made with. */
  readonly options: { readonly socket?: object | undefined };
  /** Sends one command. */
  sendCommand(args: string[]): Promise<unknown>;
  /** Another connection to the same server. */
  duplicate(overrides: { socket: { reconnectStrategy: false } }): NodeRedisSubscriber;
  /** Ends the connection once all commands are answered. */
  close(): Promise<unknown>;
  /** Ends the connection at once. */
  destroy(): void;
}

/** What `duplicate()` of a {@link NodeRedisServer} makes. */
export interface NodeRedisSubscriber {
  /** Whether it was connected and not ended. */
  readonly isOpen: boolean;
  /** Connects. */
  connect(): Promise<unknown>;
  /** Listens to a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Sends one command. */
  sendCommand(args: string[]): Promise<unknown>;
  /** Listens to the connection. */
  on(event: string, listener: (error?: unknown) => void): unknown;
  /** Ends the connection at once. */
  destroy(): void;
}

/** Commands that go to one node of a {@link NodeRedisCluster}. */
export interface NodeRedisPipeline {
  /** Adds one command. */
  addCommand(firstKey: string, isReadonly: boolean, args: string[]): unknown;
  /** Sends the commands together. */
  execAsPipeline(): Promise<unknown[]>;
}

/** What `createCluster()` of `redis` returns. */
export interface NodeRedisCluster {
  /** Whether it was connected and not ended. */
  readonly isOpen: boolean;
  /** The masters that are known. */
  readonly masters: readonly object[];
  /** Sends one command. */
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>;
  /** Commands that are sent together to the node of a key. */
  multi(routing: string): NodeRedisPipeline;
  /** The connection to one node. */
  nodeClient(node: never): Promise<NodeRedisServer>;
  /** Ends the connection once all commands are answered. */
  close(): Promise<unknown>;
  /** Ends the connection at once. */
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
