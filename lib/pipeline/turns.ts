import { AsyncResource } from 'node:async_hooks';

/** How many turns of the event loop what has gathered is spread over, more or less. */
const SPREAD = 32;

/**
 * Begins work that nobody waits for a little at a time, between the turns of the event loop: what
 * comes all at once holds up no call that is under way. Each begins in the async context that it
 * was asked for in.
 */
export class Turns {
  /** While it holds anything, the next turn is asked for. */
  readonly #waiting: (() => void)[] = [];

  /** Begins work when its turn has come; it may not throw. */
  take(work: () => void): void {
    if (this.#waiting.push(AsyncResource.bind(work)) === 1) this.#next();
  }

  #next(): void {
    setImmediate(() => {
      // More of them where more have gathered: a slow loop must not fall behind for good.
      const count = Math.ceil(this.#waiting.length / SPREAD);
      const due = this.#waiting.splice(0, count);
      if (this.#waiting.length > 0) this.#next();
      for (const work of due) work();
    });
  }
}
