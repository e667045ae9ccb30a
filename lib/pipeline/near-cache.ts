import { LRUCache } from 'lru-cache';
import { defined } from '../protocol/defined.js';
import { effectiveLeeway } from '../protocol/expiry.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Clock } from './clock.js';

/** Bounds of the near cache. */
export interface NearCacheOptions {
  /** How many tokens are kept at most, of all clients together. */
  maxEntries?: number;
  /** Seconds after which a token is read from the store again, while no change feed is connected. */
  maxAgeSeconds?: number;
}

/** The defaults of {@link NearCacheOptions}, stated here alone. */
export const CACHE_DEFAULTS: Required<NearCacheOptions> = { maxEntries: 10_000, maxAgeSeconds: 30 };

interface Entry {
  readonly token: TokenSet;
  /** Epoch milliseconds until which the token is used without a second look. */
  usableUntil: number;
}

/** Notices whether a key changes in the store while something is under way. */
export interface KeyWatch {
  /** How many changes were heard of. */
  changes: number;
}

/**
 * The tokens of this process that are ready for use: what makes a call cost nothing. An entry is
 * dropped when the change feed names its key; a value that was read while its key changed is used
 * for the call that read it and not kept.
 */
export class NearCache {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  /** How many entries there may be; none where there is no near cache. */
  readonly #max: number | undefined;
  /** Made for the first token: room for all of them takes a moment of every start. */
  #entries: LRUCache<string, Entry> | undefined;
  readonly #watches = new Map<string, Set<KeyWatch>>();
  /** Epoch milliseconds from which the change feed is relied on; none while it is lost. */
  #feedReliableFrom = Number.POSITIVE_INFINITY;
  /** How often in a row the feed was lost before it could be relied on. */
  #flaps = 0;

  constructor(options: NearCacheOptions | false, clock: Clock) {
    this.#clock = clock;
    const { maxEntries, maxAgeSeconds } = { ...CACHE_DEFAULTS, ...defined(options || {}) };
    this.#maxAgeMs = maxAgeSeconds * 1000;
    this.#max = options === false ? undefined : maxEntries;
  }

  /** The token, when it may be used without a second look. */
  usable(id: string): TokenSet | undefined {
    const entry = this.#entries?.get(id);
    return entry !== undefined && this.#clock.now() < entry.usableUntil ? entry.token : undefined;
  }

  /** The token as it was last known, ready for use or not. */
  last(id: string): TokenSet | undefined {
    return this.#entries?.get(id)?.token;
  }

  /**
   * Keeps a token until it is to be renewed, or to be read again.
   *
   * @param leewaySeconds - Seconds before its end from which it is to be renewed.
   */
  put(id: string, token: TokenSet, leewaySeconds: number): void {
    const { expiresAt, obtainedAt } = token;
    const end =
      expiresAt === undefined
        ? Number.POSITIVE_INFINITY
        : (expiresAt - effectiveLeeway(leewaySeconds, obtainedAt, expiresAt)) * 1000;
    this.putUntil(id, token, end);
  }

  /** Keeps a token until a given time, in epoch milliseconds, or until it is to be read again. */
  putUntil(id: string, token: TokenSet, until: number): void {
    if (this.#max === undefined) return;
    this.#entries ??= new LRUCache({ max: this.#max });
    this.#entries.set(id, { token, usableUntil: Math.min(until, this.#ageLimit()) });
  }

  /** Drops a token: it has changed, or was deleted. */
  drop(id: string): void {
    this.#entries?.delete(id);
    for (const watch of this.#watches.get(id) ?? []) watch.changes += 1;
  }

  /** Runs work while watching a key for changes. */
  async watching<T>(id: string, work: (watch: KeyWatch) => Promise<T>): Promise<T> {
    const watch: KeyWatch = { changes: 0 };
    const watches = this.#watches.get(id) ?? new Set();
    this.#watches.set(id, watches.add(watch));
    try {
      return await work(watch);
    } finally {
      watches.delete(watch);
      if (watches.size === 0) this.#watches.delete(id);
    }
  }

  /**
   * The change feed is being connected: what was kept without it is read again, once. Nothing says
   * when it is connected, so that for a while entries still grow old.
   */
  feedConnected(): void {
    this.#feedReliableFrom = this.#clock.now() + this.#maxAgeMs;
    // A feed that never holds says nothing: entries grow old without it, and no faster.
    if (this.#flaps > 1) return;
    for (const entry of this.#entries?.values() ?? []) entry.usableUntil = 0;
  }

  /** The change feed is lost: from now on entries grow old. */
  feedLost(): void {
    this.#flaps = this.#clock.now() >= this.#feedReliableFrom ? 0 : this.#flaps + 1;
    this.#feedReliableFrom = Number.POSITIVE_INFINITY;
    const limit = this.#ageLimit();
    for (const entry of this.#entries?.values() ?? []) {
      entry.usableUntil = Math.min(entry.usableUntil, limit);
    }
  }

  #ageLimit(): number {
    const now = this.#clock.now();
    return now >= this.#feedReliableFrom ? Number.POSITIVE_INFINITY : now + this.#maxAgeMs;
  }
}
