/** Sends one command to one server. */
export type RedisSend = (command: string, args: readonly string[]) => Promise<unknown>;

/** A subscription on a connection of its own. */
export interface RedisSubscription {
  /** Resolves when the server has answered: the connection is alive. */
  ping(): Promise<unknown>;
  /** Ends the connection. */
  end(): void;
}

/** Who listens to a channel. */
export interface RedisListener {
  /** What was published. */
  readonly message: (text: string) => void;
  /** The connection is lost; it is not made again. */
  readonly lost: (cause: unknown) => void;
}

/** What the stores ask of a connection, whichever driver and topology it is. */
export interface RedisLink {
  /** What the driver itself puts before every key. */
  readonly keyPrefix: string;
  /** Sends a command to the master that holds a key. */
  send(key: string, command: string, args: readonly string[]): Promise<unknown>;
  /** Waits until so many replicas have what was written of a key; says how many have it. */
  waitForReplicas(key: string, count: number, timeoutMs: number): Promise<number>;
  /** Every master, to be asked one by one. */
  masters(): Promise<RedisSend[]>;
  /** Listens to a channel, on a connection that is made for it. */
  subscribe(channel: string, listener: RedisListener): Promise<RedisSubscription>;
  /** Ends the connection, after what was sent is answered. */
  end(): Promise<void>;
}

/** A reply as text, whatever a driver was told to make of texts. */
export function replyText(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined;
  return reply instanceof Uint8Array
    ? Buffer.from(reply).toString()
    : `${reply as string | number}`;
}
