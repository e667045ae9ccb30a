/**
 * The clock of a `FakeAuthorizationServer`: real time plus an offset, so that a test can let tokens
 * expire without waiting.
 */
export class FakeServerClock {
  #offset = 0;
  readonly #source: () => number;

  constructor(source: () => number = () => Date.now() / 1000) {
    this.#source = source;
  }

  /** Epoch seconds, with a fraction. */
  now(): number {
    return this.#source() + this.#offset;
  }

  /** Moves the server's time on; a negative number of seconds sets it back. */
  advance(seconds: number): void {
    this.#offset += seconds;
  }
}
