import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { TokenSet } from '../protocol/token-set.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { BackgroundWork } from './background-work.js';

/**
 * How often the store is asked whether it is back, in milliseconds: sooner than anybody who finds
 * the record abandoned spends its refresh token a second time.
 */
const RETRY_MS = 200;
const MAX_IN_MEMORY = 10_000;

interface Unsaved {
  readonly key: TokenKey;
  readonly token: TokenSet;
  /** Writes it; rejects while the store is down. */
  readonly write: () => Promise<void>;
}

/**
 * Tokens that the server has given and the store has not taken, because it was down. Those that
 * cannot be had again are used from here, and written as soon as the store answers; others are
 * kept in memory, for as long as the store says nothing.
 */
export class WriteBack {
  readonly #unsaved = new Map<string, Unsaved>();
  /** Made for the first of them: most processes never have one. */
  #inMemory: LRUCache<string, TokenSet> | undefined;
  readonly #work: BackgroundWork;
  #isWriting = false;
  #stopped = false;

  constructor(work: BackgroundWork) {
    this.#work = work;
  }

  /** The token of a key that waits to be written: newer than what the store has. */
  get(id: string): TokenSet | undefined {
    return this.#unsaved.get(id)?.token;
  }

  /** A token to go on with while the store does not answer. */
  inMemory(id: string): TokenSet | undefined {
    return this.#inMemory?.get(id);
  }

  /** Says that the store has answered for a key: what it says counts. */
  answered(id: string): void {
    this.#inMemory?.delete(id);
  }

  /** Forgets a token: the application has set or deleted it, or a newer one was stored. */
  forget(id: string): void {
    this.#unsaved.delete(id);
    this.#inMemory?.delete(id);
  }

  /** Says that the store has taken a token, or a newer one. */
  written(key: TokenKey, token: TokenSet): void {
    const id = joinKey(key);
    if (this.#unsaved.get(id)?.token === token) this.#unsaved.delete(id);
  }

  /**
   * Keeps a token until it is written.
   *
   * @param write - Writes it; rejects while the store is down, and is then called again.
   */
  keep(key: TokenKey, token: TokenSet, write: () => Promise<void>): void {
    this.#unsaved.set(joinKey(key), { key, token, write });
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#work.run('writing of tokens that the store has not taken', () => this.#writeAll());
  }

  /** Keeps a token that costs little to get again. */
  keepInMemory(key: TokenKey, token: TokenSet): void {
    this.#inMemory ??= new LRUCache({ max: MAX_IN_MEMORY });
    this.#inMemory.set(joinKey(key), token);
  }

  /** Shutdown has waited long enough: what is not written now never will be. */
  stop(): void {
    this.#stopped = true;
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const [next] = this.#unsaved;
      if (!next || this.#stopped) break;
      const [id, unsaved] = next;
      try {
        await unsaved.write();
        this.written(unsaved.key, unsaved.token);
      } catch {
        // Still down: that is what this loop waits out; shutdown says what it abandons.
        this.#moveToEnd(id, unsaved);
        await pause(RETRY_MS);
      }
    }
    this.#isWriting = false;
  }

  /** One that cannot be written must not keep the others waiting. */
  #moveToEnd(id: string, unsaved: Unsaved): void {
    if (this.#unsaved.get(id) !== unsaved) return;
    this.#unsaved.delete(id);
    this.#unsaved.set(id, unsaved);
  }
}
