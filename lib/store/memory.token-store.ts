import { Subject, type Observable } from 'rxjs';
import { frozenCopy } from '../protocol/frozen-copy.js';
import type { TokenRecord } from '../protocol/token-record.js';
import { joinKey, type TokenKey } from './token-key.js';
import type { Lease, TokenStore } from './token-store.js';

/** What is stored under a key; replaced by every write, so that a lease can tell. */
interface Entry {
  readonly key: TokenKey;
  readonly record: TokenRecord | undefined;
  /** Made with the first lease: most tokens never see one. */
  leases?: Leases;
}

interface Leases {
  /** The lease in force until it lapses. */
  current?: symbol;
  endsAt: number;
  /** Leases on this very record that were neither committed nor released, lapsed ones included. */
  readonly outstanding: Set<symbol>;
}

/**
 * Keeps tokens in the memory of this process, with all of the contract: for development, tests,
 * and grants that cost nothing to get again. Records are frozen copies.
 */
export class MemoryTokenStore implements TokenStore {
  readonly #entries = new Map<string, Entry>();
  /** The variants of each grant that has some, so that one subject's keys are found at once. */
  readonly #variants = new Map<string, Set<string>>();
  readonly #changes = new Subject<TokenKey>();

  /** Keys that were changed or deleted. */
  readonly changes$: Observable<TokenKey> = this.#changes.asObservable();

  /** See {@link TokenStore.get}. */
  async get(key: TokenKey): Promise<TokenRecord | undefined> {
    return this.#entries.get(joinKey(key))?.record;
  }

  /** See {@link TokenStore.set}. */
  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    this.#write(key, record);
  }

  /** See {@link TokenStore.delete}. */
  async delete(key: TokenKey): Promise<boolean> {
    const existed = this.#entries.get(joinKey(key))?.record !== undefined;
    this.#write(key, undefined);
    return existed;
  }

  /** See {@link TokenStore.acquireLease}. */
  async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const id = joinKey(key);
    const entry: Entry = this.#entries.get(id) ?? { key: { ...key }, record: undefined };
    const leases = (entry.leases ??= { endsAt: 0, outstanding: new Set() });
    if (leases.current && leases.endsAt > performance.now()) return undefined;
    const abandoned = leases.outstanding.size > 0;
    const lease = Symbol('lease');
    leases.current = lease;
    leases.endsAt = performance.now() + ttlMs;
    leases.outstanding.add(lease);
    this.#entries.set(id, entry);
    const isCurrent = () => this.#entries.get(id) === entry;
    return {
      record: entry.record,
      abandoned,
      commit: async (next) => {
        if (!isCurrent()) return false;
        this.#write(key, next);
        return true;
      },
      renew: async (ms) => {
        const now = performance.now();
        if (!isCurrent() || leases.current !== lease || leases.endsAt <= now) return false;
        leases.endsAt = now + ms;
        return true;
      },
      release: async () => {
        // Only the first release counts: a later one must not end somebody else's lease.
        if (!leases.outstanding.delete(lease)) return;
        if (leases.current === lease) delete leases.current;
        const isUnused = leases.outstanding.size === 0 && entry.record === undefined;
        if (isUnused && isCurrent()) this.#entries.delete(id);
      },
    };
  }

  /** See {@link TokenStore.keys}. */
  async *keys(query: { client?: string; subject?: string }): AsyncIterable<TokenKey> {
    const { client, subject } = query;
    const entries =
      client !== undefined && subject !== undefined
        ? this.#ofSubject({ client, subject })
        : [...this.#entries.values()];
    for (const { key, record } of entries) {
      if (record === undefined) continue;
      if (client !== undefined && key.client !== client) continue;
      if (subject !== undefined && key.subject !== subject) continue;
      yield key;
    }
  }

  #ofSubject(grant: TokenKey): Entry[] {
    const grantId = joinKey(grant);
    return [grantId, ...(this.#variants.get(grantId) ?? [])]
      .map((id) => this.#entries.get(id))
      .filter((entry) => entry !== undefined);
  }

  /** Every write makes a new entry: leases on the former one can tell, and are ended. */
  #write(key: TokenKey, record: TokenRecord | undefined): void {
    const id = joinKey(key);
    const before = this.#entries.get(id);
    if (record === undefined) this.#entries.delete(id);
    else {
      this.#entries.set(id, { key: before?.key ?? { ...key }, record: frozenCopy(record) });
    }
    if (key.variant !== undefined) this.#indexVariant(key, id, record !== undefined);
    if (before?.record !== undefined || record !== undefined) {
      this.#changes.next(this.#entries.get(id)?.key ?? { ...key });
    }
  }

  #indexVariant({ client, subject }: TokenKey, id: string, exists: boolean): void {
    const grantId = joinKey({ client, subject });
    const variants = this.#variants.get(grantId) ?? new Set();
    if (exists) this.#variants.set(grantId, variants.add(id));
    else if (variants.delete(id) && variants.size === 0) this.#variants.delete(grantId);
  }

  /** What JSON shows: how many tokens, none of them. */
  toJSON(): { tokens: number } {
    return { tokens: this.#entries.size };
  }

  /** What `console.log` and `util.inspect` show: how many tokens, none of them. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const tokens = [...this.#entries.values()].filter(({ record }) => record !== undefined);
    return `MemoryTokenStore { tokens: ${tokens.length} }`;
  }
}
