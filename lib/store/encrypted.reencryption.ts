import { setTimeout as pause } from 'node:timers/promises';
import { TokenStoreError } from '../errors/store.errors.js';
import { isTokenRecord } from '../protocol/token-record.js';
import type { KeyLock } from './key-lock.js';
import type { SealedRecords } from './sealed-record.js';
import { namedFor, SealingProblem } from './sealing-problem.js';
import { joinKey, type TokenKey } from './token-key.js';
import type { TokenStore } from './token-store.js';

/** How far a walk over all records has come. */
export interface ReencryptionProgress {
  /** Records that are encrypted with the newest key, those that were already included. */
  readonly done: number;
  /** Of those, the ones that this walk has encrypted anew. */
  readonly reencrypted: number;
  /** Records that could not be. They are as they were. */
  readonly failed: number;
  /** All records; known once the store has listed them. */
  readonly total?: number;
  /**
   * Why the record at hand failed; names client and subject, as they stand in the store's key.
   */
  readonly failure?: TokenStoreError;
}

/** What a walk may be told. */
export interface ReencryptionOptions {
  /** How long records are waited for that are being renewed just now, in milliseconds; 15,000. */
  patienceMs?: number;
}

/** What a walk works with. */
interface Parts {
  readonly store: TokenStore;
  readonly records: SealedRecords;
  readonly lock: KeyLock;
}

type Outcome = 'kept' | 'reencrypted' | 'busy';

const PATIENCE_MS = 15_000;
const POLL_MS = 200;
/** How long a record is held for itself, in milliseconds, should this process die meanwhile. */
const LEASE_MS = 5_000;

/** Walks over all records, and encrypts with the newest key what is not. */
export class Reencryption {
  readonly #parts: Parts;
  #done = 0;
  #reencrypted = 0;
  #failed = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async *walk({ patienceMs = PATIENCE_MS }: ReencryptionOptions) {
    let busy: TokenKey[] = [];
    for await (const place of this.#parts.store.keys!({})) {
      const outcome = await this.#one(place);
      if (outcome === 'busy') busy.push(place);
      else yield this.#progress(outcome);
    }
    const total = this.#done + this.#failed + busy.length;
    const until = performance.now() + patienceMs;
    while (busy.length > 0 && performance.now() < until) {
      await pause(Math.min(POLL_MS, patienceMs));
      const again = busy;
      busy = [];
      for (const place of again) {
        const outcome = await this.#one(place);
        if (outcome === 'busy') busy.push(place);
        else yield this.#progress(outcome, total);
      }
    }
    for (const place of busy) yield this.#progress(inUse(place), total);
    yield this.#progress(undefined, total);
  }

  #progress(outcome?: Outcome | TokenStoreError, total?: number): ReencryptionProgress {
    const failure = outcome instanceof TokenStoreError ? outcome : undefined;
    if (failure) this.#failed += 1;
    else if (outcome) this.#done += 1;
    if (outcome === 'reencrypted') this.#reencrypted += 1;
    return {
      done: this.#done,
      reencrypted: this.#reencrypted,
      failed: this.#failed,
      ...(total !== undefined && { total }),
      ...(failure && { failure }),
    };
  }

  async #one(place: TokenKey): Promise<Outcome | TokenStoreError> {
    const { store } = this.#parts;
    try {
      const next = await this.#next(place);
      if (!next) return 'kept';
      return await (store.acquireLease ? this.#underLease(place) : this.#underLock(place));
    } catch (error) {
      const named = namedFor(place, error);
      return named instanceof TokenStoreError ? named : silent(place, named);
    }
  }

  /** The record at a place, encrypted anew; `undefined` where there is nothing to do. */
  async #next(place: TokenKey, given?: { record: Awaited<ReturnType<TokenStore['get']>> }) {
    const { store, records } = this.#parts;
    const stored = given ? given.record : await store.get(place);
    if (stored === undefined) return undefined;
    const { record, subject, isNewest } = await records.open(place, stored);
    if (!isTokenRecord(record)) {
      throw new SealingProblem(
        'A record in the store is damaged, or of a format that this release does not know.',
        'Run the release that wrote it, or clear the token and connect again.',
      );
    }
    return isNewest ? undefined : records.seal(place, record, subject);
  }

  async #underLease(place: TokenKey): Promise<Outcome> {
    const lease = await this.#parts.store.acquireLease!(place, LEASE_MS);
    if (!lease) return 'busy';
    try {
      // A commit would end the word that its refresh token may be spent, and refuse the one who is
      // late with the next.
      if (lease.abandoned) return 'busy';
      const next = await this.#next(place, lease);
      if (!next) return 'kept';
      // A commit may succeed when the lease has lapsed, and would refuse the renewal of another.
      if (!(await lease.renew(LEASE_MS))) return 'busy';
      return (await lease.commit(next)) ? 'reencrypted' : 'busy';
    } finally {
      await lease.release().catch(() => undefined);
    }
  }

  /** A store without leases has one process that writes: this one. */
  #underLock(place: TokenKey): Promise<Outcome> {
    const { store, lock } = this.#parts;
    return lock.run(joinKey(place), async () => {
      const next = await this.#next(place);
      if (!next) return 'kept';
      await store.set(place, next);
      return 'reencrypted';
    });
  }
}

function silent({ client, subject }: TokenKey, cause: unknown): TokenStoreError {
  return new TokenStoreError({
    client,
    subject,
    problem: 'The token store did not answer.',
    remedy: 'Check the store, and run reencrypt() again.',
    cause,
  });
}

function inUse({ client, subject }: TokenKey): TokenStoreError {
  return new TokenStoreError({
    client,
    subject,
    problem: 'The record is being renewed, or its renewal was broken off.',
    remedy: 'Run reencrypt() again later, and keep the former key until it reports no failure.',
  });
}
