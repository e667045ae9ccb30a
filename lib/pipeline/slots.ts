import { LeaseTimeoutError } from '../errors/store.errors.js';

/** How long a renewal waits for its turn before it gives up, in milliseconds. */
const QUEUE_LIMIT_MS = 30_000;

/** Lets so many run at once; the others wait, and are served in the order in which they came. */
export class Slots {
  readonly #client: string;
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(client: string, size: number) {
    this.#client = client;
    this.#free = size;
  }

  /** Waits for a slot; what is returned gives it back, once. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn();
    let held = true;
    return () => {
      if (held) this.#leave();
      held = false;
    };
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(start);
        reject(
          new LeaseTimeoutError({
            client: this.#client,
            problem: `A renewal waited ${QUEUE_LIMIT_MS / 1000} s for its turn.`,
            remedy: 'Raise refresh.concurrency, or look why the authorization server is slow.',
          }),
        );
      }, QUEUE_LIMIT_MS);
      const start = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(start);
    });
  }
}
