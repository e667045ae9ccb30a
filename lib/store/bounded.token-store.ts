import type { Observable } from 'rxjs';
import { withinLimit } from '../protocol/time-limit.js';
import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from './token-key.js';
import type { Lease, TokenStore } from './token-store.js';

/** How long a store may take for one answer, in milliseconds. */
const LIMIT_MS = 10_000;

/**
 * A store whose every answer is waited for so long and no longer: a driver that queues while it is
 * disconnected would hold up all that need a token.
 */
export class BoundedTokenStore implements TokenStore {
  readonly #store: TokenStore;
  readonly changes$?: Observable<TokenKey>;
  readonly acquireLease?: (key: TokenKey, ttlMs: number) => Promise<Lease | undefined>;
  readonly keys?: (query: { client?: string; subject?: string }) => AsyncIterable<TokenKey>;

  constructor(store: TokenStore) {
    this.#store = store;
    if (store.changes$) this.changes$ = store.changes$;
    if (store.keys) this.keys = (query) => boundedKeys(store.keys!(query));
    if (store.acquireLease) {
      this.acquireLease = async (key, ttlMs) => {
        const lease = await bounded(store.acquireLease!(key, ttlMs));
        return lease && boundedLease(lease);
      };
    }
  }

  get(key: TokenKey): Promise<TokenRecord | undefined> {
    return bounded(this.#store.get(key));
  }

  set(key: TokenKey, record: TokenRecord): Promise<void> {
    return bounded(this.#store.set(key, record));
  }

  delete(key: TokenKey): Promise<boolean> {
    return bounded(this.#store.delete(key));
  }

  async close(): Promise<void> {
    if (this.#store.close) await bounded(this.#store.close());
  }
}

async function* boundedKeys(keys: AsyncIterable<TokenKey>): AsyncGenerator<TokenKey> {
  const iterator = keys[Symbol.asyncIterator]();
  let isLeft = false;
  try {
    for (;;) {
      const next = await bounded(iterator.next());
      if (next.done === true) return;
      isLeft = true;
      yield next.value;
      isLeft = false;
    }
  } finally {
    // Who leaves before the end lets go of what the store holds open: a cursor, say.
    if (isLeft && iterator.return) await bounded(iterator.return());
  }
}

function boundedLease(lease: Lease): Lease {
  return {
    record: lease.record,
    abandoned: lease.abandoned,
    commit: async (next) => bounded(lease.commit(next)),
    renew: async (ttlMs) => bounded(lease.renew(ttlMs)),
    release: async () => bounded(lease.release()),
  };
}

function bounded<T>(answer: Promise<T>): Promise<T> {
  return withinLimit(answer, LIMIT_MS);
}
