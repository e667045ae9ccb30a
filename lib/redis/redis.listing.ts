import type { TokenKey } from '../store/token-key.js';
import type { RedisKeys } from './redis.keys.js';
import { replyText, type RedisSend } from './redis.link.js';
import { EXISTING, VARIANTS } from './redis.scripts.js';
import type { RedisServer } from './redis.server.js';

/** How many names a step of `SCAN` looks at. */
const SCAN_COUNT = '500';
/** So many names are remembered, to tell which come again; of millions, no more than that. */
const MAX_REMEMBERED = 10_000;

/** Which keys are asked for. */
export interface KeyQuery {
  readonly client?: string;
  readonly subject?: string;
}

/** Lists keys: those of one grant by its variants, in two round trips, others by `SCAN`. */
export class RedisListing {
  readonly #server: RedisServer;
  readonly #keys: RedisKeys;

  constructor(server: RedisServer, keys: RedisKeys) {
    this.#server = server;
    this.#keys = keys;
  }

  async *list(query: KeyQuery): AsyncGenerator<TokenKey> {
    const { client, subject } = query;
    if (client !== undefined && subject !== undefined) yield* await this.#ofGrant(client, subject);
    else yield* this.#scan(query);
  }

  async #ofGrant(client: string, subject: string): Promise<TokenKey[]> {
    const grant: TokenKey = { client, subject };
    const index = this.#keys.variants(grant);
    const indexed = ((await this.#server.run(VARIANTS, [index])) as unknown[])
      .map((member) => replyText(member))
      .filter((member) => member !== undefined);
    const keys = [
      grant,
      ...indexed.map((member) => ({ ...grant, variant: JSON.parse(member) as string })),
    ];
    const names = keys.map((key) => this.#keys.record(key));
    const existing = (await this.#server.run(EXISTING, [index, ...names], indexed)) as unknown[];
    return keys.filter((_key, position) => Number(existing[position]) === 1);
  }

  async *#scan(query: KeyQuery): AsyncGenerator<TokenKey> {
    const link = await this.#server.link();
    const pattern = this.#keys.pattern(link.keyPrefix, query);
    for (const send of await link.masters()) {
      for await (const name of withoutRepeated(scan(send, pattern))) {
        const key = this.#keys.keyOf(link.keyPrefix, name);
        if (key) yield key;
      }
    }
  }
}

async function* scan(send: RedisSend, pattern: string): AsyncGenerator<string> {
  let cursor = '0';
  do {
    const reply = await send('SCAN', [cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]);
    const [next, names] = reply as [unknown, unknown[]];
    for (const name of names) yield replyText(name) ?? '';
    cursor = replyText(next) ?? '0';
  } while (cursor !== '0');
}

/**
 * A name may come again while the server shrinks its table: soon after the first time, since the
 * cursor goes through what falls together one after the other. Who lists keys can stand one that
 * comes later than that.
 */
async function* withoutRepeated(names: AsyncIterable<string>): AsyncGenerator<string> {
  const recent = new Set<string>();
  for await (const name of names) {
    if (recent.has(name)) continue;
    recent.add(name);
    if (recent.size > MAX_REMEMBERED) {
      const [oldest] = recent;
      recent.delete(oldest!);
    }
    yield name;
  }
}
