import { merge, type Observable } from 'rxjs';
import {
  MemoryAuthorizationRequestStore,
  MemoryTokenStore,
  type AuthorizationRequestRecord,
  type AuthorizationRequestStore,
  type Lease,
  type TokenKey,
  type TokenRecord,
  type TokenStore,
} from '../index.js';

/** The record that a key has before anybody has written one; `undefined` for none. */
export type Seed = (key: TokenKey) => Promise<TokenRecord | undefined>;

/** Keeps the tokens of test clients: a key that was never written has the token of its seed. */
export class SeededTokenStore extends MemoryTokenStore {
  readonly #seed: Seed;
  readonly #seeded = new Map<string, Promise<void>>();

  constructor(seed: Seed) {
    super();
    this.#seed = seed;
  }

  override async get(key: TokenKey): Promise<TokenRecord | undefined> {
    await this.#sow(key);
    return super.get(key);
  }

  override async set(key: TokenKey, record: TokenRecord): Promise<void> {
    this.#seeded.set(idOf(key), Promise.resolve());
    return super.set(key, record);
  }

  override async delete(key: TokenKey): Promise<boolean> {
    await this.#sow(key);
    return super.delete(key);
  }

  override async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    await this.#sow(key);
    return super.acquireLease(key, ttlMs);
  }

  #sow(key: TokenKey): Promise<void> {
    const id = idOf(key);
    const known = this.#seeded.get(id);
    if (known) return known;
    const sown = this.#seed(key).then(async (record) => {
      // Somebody may have written one meanwhile.
      if (record && this.#seeded.get(id) === sown) await super.set(key, record);
    });
    this.#seeded.set(id, sown);
    return sown;
  }
}

/** The tokens of test clients in one store, those of all others where the application keeps them. */
export class SplitTokenStore implements TokenStore {
  readonly #pick: (key: TokenKey) => TokenStore;
  readonly #rest: TokenStore;
  readonly changes$?: Observable<TokenKey>;
  readonly acquireLease?: (key: TokenKey, ttlMs: number) => Promise<Lease | undefined>;
  readonly keys?: (query: { client?: string; subject?: string }) => AsyncIterable<TokenKey>;

  constructor(own: SeededTokenStore, rest: TokenStore, isOwn: (client: string) => boolean) {
    this.#rest = rest;
    this.#pick = ({ client }) => (isOwn(client) ? own : rest);
    // What the application's store cannot do, nobody here is told can be done.
    if (rest.changes$) this.changes$ = merge(own.changes$, rest.changes$);
    if (rest.acquireLease) {
      this.acquireLease = (key, ttlMs) => this.#pick(key).acquireLease!(key, ttlMs);
    }
    if (rest.keys) {
      this.keys = async function* (query) {
        yield* own.keys(query);
        yield* rest.keys!(query);
      };
    }
  }

  get(key: TokenKey): Promise<TokenRecord | undefined> {
    return this.#pick(key).get(key);
  }

  set(key: TokenKey, record: TokenRecord): Promise<void> {
    return this.#pick(key).set(key, record);
  }

  delete(key: TokenKey): Promise<boolean> {
    return this.#pick(key).delete(key);
  }

  async close(): Promise<void> {
    await this.#rest.close?.();
  }
}

/** The same for pending authorization requests: a hash does not say whose it is, a record does. */
export class SplitRequestStore implements AuthorizationRequestStore {
  readonly #own = new MemoryAuthorizationRequestStore();
  readonly #rest: AuthorizationRequestStore;
  readonly #isOwn: (client: string) => boolean;

  constructor(rest: AuthorizationRequestStore, isOwn: (client: string) => boolean) {
    this.#rest = rest;
    this.#isOwn = isOwn;
  }

  save(hash: string, request: AuthorizationRequestRecord, ttlMs: number): Promise<boolean> {
    return (this.#isOwn(request.client) ? this.#own : this.#rest).save(hash, request, ttlMs);
  }

  async take(hash: string): Promise<AuthorizationRequestRecord | undefined> {
    return (await this.#own.take(hash)) ?? this.#rest.take(hash);
  }

  async close(): Promise<void> {
    await this.#rest.close?.();
  }
}

function idOf({ client, subject, variant }: TokenKey): string {
  return JSON.stringify([client, subject, variant]);
}
