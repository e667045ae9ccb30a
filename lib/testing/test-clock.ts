import type { Clock } from '../index.js';

/**
 * Real time plus what a test adds to it: tokens end without anybody waiting. Give it to the module
 * as `clock`, and to `FakeAuthorizationServer.start()` where both are to agree; the test kit brings
 * one of its own. Timeouts and pauses are not moved by it.
 *
 * @example
 * ```ts
 * const clock = new TestClock();
 * OAuthClientModule.forRoot({ clock, clients });
 * clock.advance(3600); // an hour later
 * ```
 */
export class TestClock implements Clock {
  #offsetMs = 0;

  /** The present, in epoch milliseconds. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Lets so many seconds pass; a negative number sets the time back. */
  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
  }

  /** Back to real time. */
  reset(): void {
    this.#offsetMs = 0;
  }
}
