/** Tells the time; replaced in tests. */
export interface Clock {
  /** The present, in epoch milliseconds. */
  now(): number;
}

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() };
