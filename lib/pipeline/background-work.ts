import { AsyncResource } from 'node:async_hooks';
import { Subject, type Observable } from 'rxjs';

/**
 * Work that belongs to the application, not to whoever asked for it first: it runs outside the
 * caller's async context, goes on when the caller leaves, and shutdown waits for it.
 */
export class BackgroundWork {
  readonly #context = new AsyncResource('OAuthClientWork');
  readonly #running = new Map<Promise<unknown>, string>();
  readonly #ending$ = new Subject<void>();
  #closing = false;

  /** Whether shutdown has begun. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Tells when shutdown begins; says nothing to those who come later. */
  get ending$(): Observable<void> {
    return this.#ending$;
  }

  /** Starts work under a label that a shutdown can name. */
  run<T>(label: string, work: () => Promise<T>): Promise<T> {
    const promise = this.#context.runInAsyncScope(work);
    this.#running.set(promise, label);
    const forget = () => void this.#running.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  /**
   * Waits for what runs, and for what that starts.
   *
   * @param limitMs - Milliseconds to wait at most.
   * @returns the labels of what was abandoned.
   */
  async close(limitMs: number): Promise<string[]> {
    this.#closing = true;
    this.#ending$.next();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'limit'>((resolve) => {
      timer = setTimeout(() => resolve('limit'), limitMs);
    });
    try {
      while (this.#running.size > 0) {
        const settled = Promise.allSettled(this.#running.keys());
        if ((await Promise.race([settled, limit])) === 'limit') break;
      }
      return [...this.#running.values()];
    } finally {
      clearTimeout(timer);
    }
  }
}
