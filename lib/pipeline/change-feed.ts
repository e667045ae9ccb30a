import { defer, EMPTY, retry, Subject, timer, type Observable, type Subscription } from 'rxjs';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { TokenStore } from '../store/token-store.js';
import type { NearCache } from './near-cache.js';

const RECONNECT_MS = { first: 200, most: 10_000 } as const;

/**
 * What changes in the store, whoever changed it: by the store's own feed where it has one, else by
 * what this process writes. Connects again when the feed is lost, for as long as it is open.
 */
export class ChangeFeed {
  readonly #changes = new Subject<TokenKey>();
  readonly #cache: NearCache;
  readonly #hasFeed: boolean;
  readonly #subscription: Subscription;

  readonly #reconnected = new Subject<void>();

  /** Keys that changed. */
  readonly changes$: Observable<TokenKey> = this.#changes.asObservable();
  /** The store's feed is back after a loss: anything may have changed meanwhile. */
  readonly reconnected$: Observable<void> = this.#reconnected.asObservable();

  constructor(store: TokenStore, cache: NearCache) {
    this.#cache = cache;
    this.#hasFeed = store.changes$ !== undefined;
    let lost = false;
    this.#subscription = defer(() => {
      if (!store.changes$) return EMPTY;
      cache.feedConnected();
      if (lost) this.#reconnected.next();
      return store.changes$;
    })
      .pipe(
        retry({
          resetOnSuccess: true,
          delay: (_error, attempt) => {
            cache.feedLost();
            lost = true;
            return timer(Math.min(RECONNECT_MS.most, RECONNECT_MS.first * 2 ** (attempt - 1)));
          },
        }),
      )
      .subscribe({
        next: (key) => this.#announce(key),
        complete: () => cache.feedLost(),
      });
  }

  /** Tells of a write of this process, where the store has no feed that would. */
  wrote(key: TokenKey): void {
    if (!this.#hasFeed) this.#announce(key);
  }

  /** Stops listening. */
  close(): void {
    this.#subscription.unsubscribe();
    this.#changes.complete();
    this.#reconnected.complete();
  }

  #announce(key: TokenKey): void {
    this.#cache.drop(joinKey(key));
    this.#changes.next(key);
  }
}
