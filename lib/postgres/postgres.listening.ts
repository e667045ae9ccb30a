import { quoted } from './postgres.options.js';
import type { PostgresClient } from './postgres.database.js';

/** How long a connection may take to say goodbye, in milliseconds. */
const END_LIMIT_MS = 1_000;

/** One connection that listens, for as long as it lives and is not stopped. */
export class Listening {
  readonly #client: PostgresClient;
  /** Rejects when the connection is lost or is to stop: whatever waits, waits no longer. */
  readonly #over: Promise<never>;
  #arrived: () => void = () => undefined;

  constructor(client: PostgresClient, stop: AbortSignal) {
    this.#client = client;
    this.#over = new Promise<never>((_resolve, reject) => {
      // The listener stays: an error without one would end the process.
      client.on('error', (error) => reject(error ?? new Error('The connection has failed.')));
      client.on('end', () => reject(new Error('The connection has ended.')));
      const stopped = () => reject(new Error('Nobody listens any more.'));
      if (stop.aborted) stopped();
      else stop.addEventListener('abort', stopped, { once: true });
    });
    this.#over.catch(() => undefined);
  }

  /** Connects, and listens on some channels. */
  async start(
    channels: readonly string[],
    limitMs: number,
    heard: (channel: string, payload: string) => void,
  ): Promise<void> {
    const client = this.#client;
    client.on('notification', ({ channel, payload = '' }) => {
      heard(channel, payload);
      this.#arrived();
    });
    const connecting = client.connect();
    await this.within(limitMs, connecting);
    const listen = channels.map((channel) => `LISTEN ${quoted(channel)}`).join('; ');
    await this.within(limitMs, client.query(listen));
  }

  /** Waits for something, as long as the connection lives, and no longer than this. */
  async within<T>(limitMs: number, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      const late = new Error(`Nothing was heard on the connection within ${limitMs} ms.`);
      timer = setTimeout(() => reject(late), limitMs);
    });
    // Who is not waited for any more may fail unheard.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, this.#over, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until something that notifications bring about is so. */
  async until(limitMs: number, isSo: () => boolean): Promise<void> {
    const so = new Promise<void>((resolve) => {
      this.#arrived = () => {
        if (isSo()) resolve();
      };
    });
    this.#arrived();
    await this.within(limitMs, so);
  }

  /** Lets time pass, as long as the connection lives. */
  async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    try {
      await Promise.race([over, this.#over]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection; one that does not answer is cut. */
  async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, END_LIMIT_MS)));
    // It may be broken already, which is as good.
    await Promise.race([this.#client.end().catch(() => undefined), limit]);
    clearTimeout(timer);
    this.#client.connection?.stream.destroy();
  }
}
