import { TokenSet } from '../protocol/token-set.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { Lease } from '../store/token-store.js';
import type { BackgroundWork } from './background-work.js';

const RETRY_MS = { first: 200, most: 5_000 } as const;

/**
 * Tokens that the server has given and the store has not taken yet, because it was down: used from
 * here, and written as soon as the store answers.
 */
export class WriteBack {
  readonly #unsaved = new Map<string, TokenSet>();
  readonly #work: BackgroundWork;

  constructor(work: BackgroundWork) {
    this.#work = work;
  }

  /** The token of a key that waits to be written. */
  get(id: string): TokenSet | undefined {
    return this.#unsaved.get(id);
  }

  /** Forgets a token that waits: the application has set or deleted it. */
  forget(id: string): void {
    this.#unsaved.delete(id);
  }

  /** Keeps a token, and commits it under its lease until the store has answered. */
  keep(key: TokenKey, token: TokenSet, lease: Lease, onWritten: (saved: boolean) => void): void {
    const id = joinKey(key);
    this.#unsaved.set(id, token);
    void this.#work.run(`writing the token of ${key.client} back`, async () => {
      for (let wait: number = RETRY_MS.first; this.#unsaved.get(id) === token;) {
        try {
          const saved = await lease.commit(token.toRecord());
          if (this.#unsaved.get(id) === token) this.#unsaved.delete(id);
          onWritten(saved);
          return;
        } catch {
          // Still down: that is what this loop waits out; shutdown names what it abandons.
          await new Promise((resolve) => setTimeout(resolve, wait));
          wait = Math.min(RETRY_MS.most, wait * 2);
        }
      }
    });
  }

  /** Keeps a token that costs nothing to get again: used from here until the store is back. */
  keepInMemory(key: TokenKey, token: TokenSet): void {
    this.#unsaved.set(joinKey(key), token);
  }
}
