import { CanceledError, type GenericAbortSignal } from 'axios';

type Listener = (this: unknown, event: { type: 'abort' }) => void;

/**
 * As much of an `AbortSignal` as an HTTP adapter uses, at a fraction of the cost of a real one;
 * follows the caller's own signal, where there is one.
 */
export class LazyAbortSignal implements GenericAbortSignal {
  readonly #callers: GenericAbortSignal | undefined;
  /** An adapter has one listener, and a set for it would cost more than all the rest. */
  #listener: Listener | undefined;
  #others: Set<Listener> | undefined;
  #aborted = false;

  constructor(callers?: GenericAbortSignal) {
    this.#callers = callers;
  }

  get aborted(): boolean {
    return this.#aborted || this.#callers?.aborted === true;
  }

  /** Why, as the fetch adapter reads it. */
  get reason(): unknown {
    if (!this.aborted) return undefined;
    const { reason } = (this.#callers ?? {}) as { reason?: unknown };
    return reason ?? new CanceledError();
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    if (!this.#listener && !this.#others?.has(listener)) this.#listener = listener;
    else if (listener !== this.#listener) (this.#others ??= new Set()).add(listener);
    this.#callers?.addEventListener?.('abort', listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    if (this.#listener === listener) this.#listener = undefined;
    this.#others?.delete(listener);
    this.#callers?.removeEventListener?.('abort', listener);
  }

  /** Aborts: every listener is told once. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [this.#listener, ...(this.#others ?? [])];
    this.#listener = this.#others = undefined;
    for (const listener of listeners) listener?.call(this, { type: 'abort' });
  }
}
