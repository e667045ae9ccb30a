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
/**
 * How long a late commit of an abandoned lease is waited for, in milliseconds: longer than a driver
 * takes to connect again after an outage, for a holder that lives has the token in memory.
 */
const ABANDONED_WAIT_MS = 2_200;
/** What a lease is cut to that is given up: the shortest time that every store understands. */
const GIVEN_UP_MS = 1;

/** What came of asking for a lease: the lease, or a record that makes it needless. */
export type LeaseOutcome =
  | {
      readonly kind: 'held';
      readonly lease: Lease;
      readonly abandoned: boolean;
      /** When it was granted, in milliseconds of `performance.now()`. */
      readonly heldAt: number;
    }
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
    const { key, settled, usable } = question;
    const until = performance.now() + question.patienceMs;
    for (let pollMs: number = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * 2)) {
      const outcome = await this.#ask(question);
      if (outcome) return outcome;
      const record = await this.#guard(key, this.#store.get(key));
      if (record && (settled(record) || usable(record))) return { kind: 'needless', record };
      const left = until - performance.now();
      if (left <= 0) throw this.#timeout(question);
      await this.#changeOf(key, Math.min(pollMs, left));
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

  /** Gives a lease back: nothing was spent. */
  async release(lease: Lease): Promise<void> {
    // A store that is down now hears nothing, and lets the lease lapse: that is the next best.
    await lease.release().catch(() => undefined);
  }

  /** Gives a lease up whose refresh token may be spent: the next holder is told. */
  async giveUp(lease: Lease): Promise<void> {
    // As above: it lapses a little later then.
    await lease.renew(GIVEN_UP_MS).catch(() => undefined);
  }

  /** The application is about to set or delete a record: no lease on it counts any more. */
  async overrule(key: TokenKey): Promise<void> {
    await this.#local?.overrule(key);
  }

  async #ask(question: LeaseQuestion): Promise<LeaseOutcome | undefined> {
    const { key, settled } = question;
    // Before it is asked for: it runs from when the store grants it, however late that is heard.
    const heldAt = performance.now();
    const lease = await this.#guard(
      key,
      this.#local ? this.#local.acquire(key, LEASE_MS) : this.#store.acquireLease!(key, LEASE_MS),
    );
    if (!lease) return undefined;
    if (lease.record && settled(lease.record)) {
      await this.release(lease);
      return { kind: 'needless', record: lease.record };
    }
    if (!lease.abandoned) return { kind: 'held', lease, abandoned: false, heldAt };
    await this.#changeOf(key, ABANDONED_WAIT_MS);
    const again = await this.#readUnder(key, lease);
    if (again?.version === lease.record?.version)
      return { kind: 'held', lease, abandoned: true, heldAt };
    await this.release(lease);
    return again && settled(again) ? { kind: 'needless', record: again } : undefined;
  }

  async #readUnder(key: TokenKey, lease: Lease): Promise<TokenRecord | undefined> {
    try {
      return await this.#store.get(key);
    } catch (cause) {
      await this.release(lease);
      throw storeError(key, cause);
    }
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
    remedy: 'Check the store and the connection to it.',
    cause,
  });
}
