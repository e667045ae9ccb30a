import type { Clock } from 'nestjs-oauth-client';

/** Real time plus what a test adds to it: the one thing that is not real in a test. */
export class TestClock implements Clock {
  #offsetMs = 0;

  /** The present, in epoch milliseconds. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Lets so many seconds pass. */
  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
  }
}
