import type { Keyv } from 'keyv';
import { TokenStoreError } from '../errors/store.errors.js';

/** What of an adapter says that it failed. */
interface Adapter {
  throwOnErrors?: boolean;
  on?: (event: 'error', listener: (error: unknown) => void) => unknown;
  off?: (event: 'error', listener: (error: unknown) => void) => unknown;
}

/** Whose record is asked for. */
interface Whose {
  readonly client?: string;
  readonly subject?: string;
}

/**
 * A Keyv whose every failure is an error. By itself it answers a failed read as if nothing were
 * stored, for which a grant would be taken as lost; so do some of its adapters.
 */
export class KeyvBackend {
  readonly #keyv: Keyv;
  readonly #adapter: Adapter;
  readonly #listener: (error: unknown) => void;
  /** Errors that the adapter has told of, whatever it answered. */
  #errors = 0;
  #lastError: unknown;

  constructor(keyv: Keyv) {
    this.#keyv = keyv;
    this.#adapter = keyv.store as Adapter;
    keyv.throwOnErrors = true;
    if ('throwOnErrors' in this.#adapter) this.#adapter.throwOnErrors = true;
    this.#listener = (error) => {
      this.#errors += 1;
      this.#lastError = error;
    };
    this.#adapter.on?.('error', this.#listener);
  }

  /** A value; `undefined` when there is none, and only then. */
  get(id: string, whose: Whose): Promise<unknown> {
    return this.#do(whose, async (isFailed) => {
      const value: unknown = await this.#keyv.get(id);
      if (value === undefined && isFailed()) throw this.#lastError;
      return value;
    });
  }

  /** Writes a text, for so many milliseconds; 0 for ever, whatever the Keyv's own `ttl`. */
  set(id: string, value: string, ttlMs: number, whose: Whose): Promise<void> {
    return this.#do(whose, async (isFailed) => {
      const isWritten = await this.#keyv.set(id, value, ttlMs);
      if (!isWritten || isFailed()) throw this.#lastError ?? new Error('set() answered false');
    });
  }

  /** Deletes a value, true when there was one. */
  delete(id: string, whose: Whose): Promise<boolean> {
    return this.#do(whose, async (isFailed) => {
      const existed = await this.#keyv.delete(id);
      // Of an adapter that answers nothing, Keyv says that it has deleted.
      if (isFailed()) throw this.#lastError;
      return existed;
    });
  }

  /** Whether the adapter can be walked over. */
  get canList(): boolean {
    return this.#keyv.iterator !== undefined;
  }

  /** All values, of whomever. */
  async *values(): AsyncGenerator {
    const iterator = this.#keyv.iterator!(undefined) as AsyncGenerator<[string, unknown], void>;
    for (;;) {
      const next = await this.#do({}, () => iterator.next());
      if (next.done === true) return;
      yield next.value[1];
    }
  }

  /** Listens no more. The connection is whose who made the Keyv. */
  close(): void {
    this.#adapter.off?.('error', this.#listener);
  }

  async #do<T>(whose: Whose, work: (isFailed: () => boolean) => Promise<T>): Promise<T> {
    const before = this.#errors;
    try {
      return await work(() => this.#errors > before);
    } catch (cause) {
      throw new TokenStoreError({
        ...whose,
        problem: 'The Keyv backend did not answer.',
        remedy: 'Check it and its connection; nothing of the token was lost.',
        cause,
      });
    }
  }
}
