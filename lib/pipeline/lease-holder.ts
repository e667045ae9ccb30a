import { filter, firstValueFrom, merge, timer } from 'rxjs';
import { LeaseTimeoutError, TokenStoreError } from '../errors/store.errors.js';
import type { TokenRecord } from '../protocol/token-record.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { Lease, TokenStore } from '../store/token-store.js';
import type { ChangeFeed } from './change-feed.js';
import { LocalLeases } from './local-leases.js';

/** A lease lasts so long unless it is renewed, in milliseconds: who dies is waited for so long. */
export const LEASE_MS = 5_000;
/** How often a waiter looks by itself, in milliseconds, should the change feed say nothing. */
const POLL_MS = { first: 50, most: 500 } as const;
/** How long a late commit of an abandoned lease is waited for, in milliseconds. */
const ABANDONED_WAIT_MS = 500;

/** What came of asking for a lease: the lease, or a record that makes it needless. */
export type LeaseOutcome =
  | { readonly kind: 'held'; readonly lease: Lease; readonly abandoned: boolean }
  | { readonly kind: 'needless'; readonly record: TokenRecord };

/** What the asker wants to know of a record. */
export interface LeaseQuestion {
  readonly key: TokenKey;
  /** A record with which no renewal is needed any more. */
  readonly settled: (record: TokenRecord | undefined) => boolean;
  /** A record good enough while somebody else renews. */
  readonly usable: (record: TokenRecord | undefined) => boolean;
  /** Milliseconds to wait for somebody else at most. */
  readonly patienceMs: number;
}

/**
 * Gets the one right to renew a token, or finds that somebody else has renewed it: waits for the
 * change feed, with a poll as the fallback.
 */
export class LeaseHolder {
  readonly #store: TokenStore;
  readonly #feed: ChangeFeed;
  readonly #local: LocalLeases | undefined;

  constructor(store: TokenStore, feed: ChangeFeed) {
    this.#store = store;
    this.#feed = feed;
    this.#local = store.acquireLease ? undefined : new LocalLeases(store);
  }

  /** Asks until there is an outcome, or patience ends with a {@link LeaseTimeoutError}. */
  async acquire(question: LeaseQuestion): Promise<LeaseOutcome> {
    const until = performance.now() + question.patienceMs;
    for (let pollMs: number = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * 2)) {
      const outcome = await this.#ask(question);
      if (outcome) return outcome;
      const left = until - performance.now();
      if (left <= 0) throw this.#timeout(question);
      await this.#changeOf(question.key, Math.min(pollMs, left));
      const record = await this.#guard(question.key, this.#store.get(question.key));
      if (record && (question.settled(record) || question.usable(record))) {
        return { kind: 'needless', record };
      }
    }
  }

  /** Keeps a lease alive until the returned function is called. */
  keepAlive(lease: Lease): () => void {
    const every = setInterval(() => {
      // A store that is down now may be back at the commit, which is what decides.
      lease.renew(LEASE_MS).then(
        (held) => void (held || clearInterval(every)),
        () => undefined,
      );
    }, LEASE_MS / 3);
    every.unref();
    return () => clearInterval(every);
  }

  async #ask(question: LeaseQuestion): Promise<LeaseOutcome | undefined> {
    const { key } = question;
    const lease = await this.#guard(
      key,
      this.#local ? this.#local.acquire(key) : this.#store.acquireLease!(key, LEASE_MS),
    );
    if (!lease) return undefined;
    if (lease.record && question.settled(lease.record)) {
      await this.#release(key, lease);
      return { kind: 'needless', record: lease.record };
    }
    if (!lease.abandoned) return { kind: 'held', lease, abandoned: false };
    await this.#changeOf(key, ABANDONED_WAIT_MS);
    const again = await this.#guard(key, this.#store.get(key));
    if (again?.version === lease.record?.version) return { kind: 'held', lease, abandoned: true };
    await this.#release(key, lease);
    return again && question.settled(again) ? { kind: 'needless', record: again } : undefined;
  }

  async #release(key: TokenKey, lease: Lease): Promise<void> {
    await this.#guard(key, lease.release());
  }

  async #changeOf(key: TokenKey, withinMs: number): Promise<void> {
    const id = joinKey(key);
    const changed$ = this.#feed.changes$.pipe(filter((other) => joinKey(other) === id));
    await firstValueFrom(merge(changed$, timer(withinMs)));
  }

  async #guard<T>(key: TokenKey, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      throw storeError(key, cause);
    }
  }

  #timeout({ key, patienceMs }: LeaseQuestion): LeaseTimeoutError {
    return new LeaseTimeoutError({
      client: key.client,
      subject: key.subject,
      problem: `Somebody else's renewal of this token did not end within ${patienceMs} ms.`,
      remedy: 'Try again; look at the other process and the authorization server if it goes on.',
    });
  }
}

/** The one error for a store that does not answer; what the driver said may hold records. */
export function storeError(key: TokenKey, cause: unknown): TokenStoreError {
  if (cause instanceof TokenStoreError) return cause;
  return new TokenStoreError({
    client: key.client,
    subject: key.subject,
    problem: 'The token store did not answer.',
    remedy: 'Check the store; nothing of the token was lost.',
    cause,
  });
}
