import { linkOf, openUrl } from './redis.driver.js';
import type { RedisLink } from './redis.link.js';
import type { RedisStoreOptions } from './redis.options.js';
import type { RedisScript } from './redis.scripts.js';

/** The connection of one store: handed in, or made from an address when it is first used. */
export class RedisServer {
  readonly #url: string | undefined;
  readonly #given: RedisLink | undefined;
  readonly #onOpen: (link: RedisLink) => void;
  readonly #sent = new Set<RedisScript>();
  #opened: Promise<RedisLink> | undefined;
  #isClosed = false;

  /** @param onOpen - Called once, with the connection, when it is first used. */
  constructor(
    { client, url }: RedisStoreOptions,
    onOpen: (link: RedisLink) => void = () => undefined,
  ) {
    this.#given = client === undefined ? undefined : linkOf(client);
    this.#url = url;
    this.#onOpen = onOpen;
  }

  /** The connection. */
  link(): Promise<RedisLink> {
    if (this.#isClosed) return Promise.reject(new Error('The store is closed.'));
    return (this.#opened ??= this.#open());
  }

  /**
   * Runs a script where its first key is, in one round trip: the first time by its source, then by
   * its name, and by its source again where the server has forgotten it.
   */
  async run(
    script: RedisScript,
    keys: readonly [string, ...string[]],
    args: readonly string[] = [],
  ): Promise<unknown> {
    const link = await this.link();
    const rest = [String(keys.length), ...keys, ...args];
    if (this.#sent.has(script)) {
      try {
        return await link.send(keys[0], 'EVALSHA', [script.sha, ...rest]);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      }
    }
    const reply = await link.send(keys[0], 'EVAL', [script.source, ...rest]);
    this.#sent.add(script);
    return reply;
  }

  /** Ends the connection if it was made here. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#given || !this.#opened) return;
    const link = await this.#opened.catch(() => undefined);
    await link?.end();
  }

  async #open(): Promise<RedisLink> {
    try {
      const link = this.#given ?? (await openUrl(this.#url!));
      this.#onOpen(link);
      return link;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }
}
