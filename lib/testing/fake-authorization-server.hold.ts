import type { FakeRequest } from './fake-authorization-server.http.js';

interface Arrivals {
  count: number;
  resolve: (request: FakeRequest) => void;
}

/** The handle on requests that hang, in place of a sleep of guessed length. */
export class FakeHold {
  /** Resolves as soon as the first request hangs here. */
  readonly arrived: Promise<FakeRequest>;
  readonly #requests: FakeRequest[] = [];
  readonly #expected: Arrivals[] = [];
  readonly #held = new Set<() => void>();
  #isReleased = false;

  /** @internal Made by `hold()` of a script. */
  constructor() {
    this.arrived = this.arrivals(1);
  }

  /** How many requests hang here now. */
  get waiting(): number {
    return this.#held.size;
  }

  /** Resolves with the last of them as soon as that many requests have come to hang here. */
  arrivals(count: number): Promise<FakeRequest> {
    const present = this.#requests[count - 1];
    if (present) return Promise.resolve(present);
    return new Promise((resolve) => this.#expected.push({ count, resolve }));
  }

  /** Lets go all that hang here, and all that come later. */
  release(): void {
    this.#isReleased = true;
    for (const go of this.#held) go();
  }

  /** @internal Hangs a request until released or until the server stops. */
  async wait(request: FakeRequest, stopped: AbortSignal): Promise<void> {
    this.#requests.push(request);
    for (const one of this.#expected) {
      if (one.count === this.#requests.length) one.resolve(request);
    }
    if (this.#isReleased || stopped.aborted) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        stopped.removeEventListener('abort', go);
        this.#held.delete(go);
        resolve();
      };
      this.#held.add(go);
      stopped.addEventListener('abort', go);
    });
  }
}
