import {
  MemoryTokenStore,
  type Lease,
  type TokenKey,
  type TokenRecord,
  type TokenStore,
} from 'nestjs-oauth-client';
import { NEVER, Observable, Subject, merge } from 'rxjs';

/** What of a store can be down. */
export type StoreOperation = 'get' | 'set' | 'delete' | 'lease' | 'commit' | 'renew' | 'release';

const EVERYTHING: readonly StoreOperation[] = [
  ...(['get', 'set', 'delete', 'lease', 'commit', 'renew', 'release'] as const),
];

/**
 * A store between an application and a shared one, as a network would be: down when told so, in
 * whole or in part, and with a change feed that can be lost.
 */
export class FaultyStore implements TokenStore {
  readonly #down = new Set<StoreOperation>();
  #losses = new Subject<never>();
  readonly #asked = new Map<StoreOperation, number>();
  #isFeedDown = false;

  /** @param shared - Where the records are. */
  constructor(readonly shared: TokenStore = new MemoryTokenStore()) {}

  /** How often the feed was subscribed to. */
  subscriptions = 0;

  readonly changes$ = new Observable<TokenKey>((subscriber) => {
    this.subscriptions += 1;
    if (this.#isFeedDown) throw new Error('the feed is down');
    return merge(this.shared.changes$ ?? NEVER, this.#losses).subscribe(subscriber);
  });

  /** From now on these operations fail; all when none is named. */
  fail(...operations: StoreOperation[]): void {
    for (const one of operations.length > 0 ? operations : EVERYTHING) this.#down.add(one);
  }

  /** Everything works again. */
  recover(): void {
    this.#down.clear();
    this.#isFeedDown = false;
  }

  /** The change feed is lost, and cannot be connected again before {@link recover}. */
  loseFeed(): void {
    this.#isFeedDown = true;
    const losses = this.#losses;
    this.#losses = new Subject();
    losses.error(new Error('the feed is lost'));
  }

  /** How often an operation was asked for. */
  count(operation: StoreOperation): number {
    return this.#asked.get(operation) ?? 0;
  }

  async get(key: TokenKey): Promise<TokenRecord | undefined> {
    return this.#do('get', () => this.shared.get(key));
  }

  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    return this.#do('set', () => this.shared.set(key, record));
  }

  async delete(key: TokenKey): Promise<boolean> {
    return this.#do('delete', () => this.shared.delete(key));
  }

  async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const lease = await this.#do('lease', () => this.shared.acquireLease!(key, ttlMs));
    return (
      lease && {
        record: lease.record,
        abandoned: lease.abandoned,
        commit: (next) => this.#do('commit', () => lease.commit(next)),
        renew: (ms) => this.#do('renew', () => lease.renew(ms)),
        release: () => this.#do('release', () => lease.release()),
      }
    );
  }

  keys(query: { client?: string; subject?: string }): AsyncIterable<TokenKey> {
    return this.shared.keys!(query);
  }

  async #do<T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> {
    this.#asked.set(operation, this.count(operation) + 1);
    if (this.#down.has(operation)) throw new Error(`ECONNREFUSED during ${operation}`);
    return work();
  }
}
