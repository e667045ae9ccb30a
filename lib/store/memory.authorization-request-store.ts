import type { LRUCache } from 'lru-cache';
import { frozenCopy } from '../protocol/frozen-copy.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from './authorization-request-store.js';
import { boundedCache } from './bounded-cache.js';

/**
 * Keeps pending authorization requests in the memory of this process: right for one replica, or
 * where callbacks return to the replica that sent the user away. Bounded; when full, the oldest
 * request goes first.
 */
export class MemoryAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #requests: LRUCache<string, { request?: AuthorizationRequestRecord }>;

  /**
   * @param options - `maxEntries`: how many requests may be pending at once.
   */
  constructor({ maxEntries = 10_000 }: { maxEntries?: number } = {}) {
    this.#requests = boundedCache(maxEntries);
  }

  /** See {@link AuthorizationRequestStore.save}. */
  async save(
    stateHash: string,
    request: AuthorizationRequestRecord,
    ttlMs: number,
  ): Promise<boolean> {
    if (this.#requests.has(stateHash)) return false;
    const copy = frozenCopy(request);
    this.#requests.set(stateHash, { request: copy }, { ttl: ttlMs });
    return true;
  }

  /** See {@link AuthorizationRequestStore.take}. */
  async take(stateHash: string): Promise<AuthorizationRequestRecord | undefined> {
    const pending = this.#requests.get(stateHash);
    if (!pending?.request) return undefined;
    // What is taken leaves its state behind: a value seen before is refused while it could be
    // replayed. No time left would mean for ever.
    const ttl = Math.max(1, this.#requests.getRemainingTTL(stateHash));
    this.#requests.set(stateHash, {}, { ttl });
    return pending.request;
  }

  /** What JSON shows: how many requests, none of them. */
  toJSON(): { pending: number } {
    return { pending: this.#requests.size };
  }

  /** What `console.log` and `util.inspect` show: how many requests, none of them. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `MemoryAuthorizationRequestStore { pending: ${this.#requests.size} }`;
  }
}
