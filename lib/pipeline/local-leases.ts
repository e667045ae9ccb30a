import type { TokenRecord } from '../protocol/token-record.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { Lease, TokenStore } from '../store/token-store.js';

/** The leases on one record. */
interface Leases {
  readonly version: string | undefined;
  current?: symbol;
  endsAt: number;
  /** Leases that were neither committed nor released, lapsed ones included. */
  readonly outstanding: Set<symbol>;
}

/**
 * Leases for a store that has none: they hold within this process alone, which is what such a
 * store is for. A commit compares versions, and what this process sets or deletes always wins.
 */
export class LocalLeases {
  readonly #store: TokenStore;
  readonly #leases = new Map<string, Leases>();
  /** Commits that are being written. */
  readonly #writes = new Map<string, Promise<unknown>>();
  /** Keys whose record is being read for a lease. */
  readonly #asking = new Set<string>();

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** As `TokenStore.acquireLease`. */
  async acquire(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const id = joinKey(key);
    const held = this.#leases.get(id);
    const isHeld = held?.current !== undefined && held.endsAt > performance.now();
    if (isHeld || this.#asking.has(id)) return undefined;
    this.#asking.add(id);
    try {
      return this.#grant(key, await this.#store.get(key), ttlMs);
    } finally {
      this.#asking.delete(id);
    }
  }

  /**
   * The application is about to set or delete a record: that ends every lease on it, and comes after
   * what is just being written.
   */
  async overrule(key: TokenKey): Promise<void> {
    const id = joinKey(key);
    this.#leases.delete(id);
    await Promise.allSettled([this.#writes.get(id)]);
  }

  async #write(id: string, key: TokenKey, next: TokenRecord | undefined): Promise<void> {
    const write: Promise<unknown> = next ? this.#store.set(key, next) : this.#store.delete(key);
    this.#writes.set(id, write);
    try {
      await write;
    } finally {
      this.#writes.delete(id);
    }
  }

  #grant(key: TokenKey, record: TokenRecord | undefined, ttlMs: number): Lease {
    const id = joinKey(key);
    const before = this.#leases.get(id);
    const leases: Leases =
      before?.version === record?.version && before
        ? before
        : { version: record?.version, endsAt: 0, outstanding: new Set() };
    const abandoned = leases.outstanding.size > 0;
    const lease = Symbol('lease');
    leases.current = lease;
    leases.endsAt = performance.now() + ttlMs;
    leases.outstanding.add(lease);
    this.#leases.set(id, leases);
    const isSuperseded = () => this.#leases.get(id) !== leases;
    return {
      record,
      abandoned,
      commit: async (next) => {
        if (isSuperseded()) return false;
        const stored = await this.#store.get(key);
        if (isSuperseded()) return false;
        if (stored?.version === record?.version) await this.#write(id, key, next);
        if (!isSuperseded()) this.#leases.delete(id);
        return stored?.version === record?.version;
      },
      renew: async (ms) => {
        const now = performance.now();
        if (isSuperseded() || leases.current !== lease || leases.endsAt <= now) return false;
        leases.endsAt = now + ms;
        return true;
      },
      release: async () => {
        if (!leases.outstanding.delete(lease)) return;
        if (leases.current === lease) delete leases.current;
        if (leases.outstanding.size === 0 && !isSuperseded()) this.#leases.delete(id);
      },
    };
  }
}
