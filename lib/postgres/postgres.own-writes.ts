import { randomBytes } from 'node:crypto';
import type { TokenKey } from '../store/token-key.js';
import { toPayloads } from './postgres.key.js';

/** A write that is under way. */
export interface OwnWrite {
  /** What it is to notify with. */
  readonly payloads: string[];
  /** It has changed the key, or has not; or its answer was lost, and only its echo will say. */
  done(outcome: 'changed' | 'unchanged' | 'unknown'): void;
}

/**
 * Tells the subscribers of this process of its own writes before whoever writes goes on, and once:
 * a notification that comes a moment later would drop what has just been put into a cache.
 */
export class OwnWrites {
  readonly #underWay = new Set<string>();
  /** Told already; their notifications are still to come. */
  readonly #told = new Set<string>();
  #tell: ((key: TokenKey) => void) | undefined;

  /** Somebody listens, from now on, until the returned function is called. */
  connected(tell: (key: TokenKey) => void): () => void {
    this.#tell = tell;
    this.#told.clear();
    return () => {
      if (this.#tell === tell) this.#tell = undefined;
    };
  }

  /** A write is about to begin. */
  begin(key: TokenKey): OwnWrite {
    const write = randomBytes(8).toString('hex');
    this.#underWay.add(write);
    return {
      payloads: toPayloads(key, write),
      done: (outcome) => {
        const isHeard = !this.#underWay.delete(write);
        if (outcome !== 'changed' || isHeard || !this.#tell) return;
        this.#told.add(write);
        this.#tell({ ...key });
      },
    };
  }

  /** Whether a notification is to be told, by the write it is of. */
  isNews(write: string): boolean {
    this.#underWay.delete(write);
    return !this.#told.delete(write);
  }
}
