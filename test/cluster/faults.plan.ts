import { STEPS, type Step } from '../support/cluster.messages.js';
import type { WireDirection } from '../support/cluster.wire.js';

/** What happens to a replica in the middle of a renewal. */
export const FAULTS = ['killed', 'stopped', 'store cut', 'server cut'] as const;

/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** One fault, which several renewals of one process meet at the same step. */
export interface Batch {
  readonly step: Step;
  readonly fault: Fault;
  readonly subjects: readonly string[];
  /** What of the commit is on its way when the fault comes: it itself, or the store's answer. */
  readonly during: WireDirection;
  /** What is cut is cut for all replicas, not for this one alone. */
  readonly everybody: boolean;
  /** The server accepts a spent refresh token again for a while, so that nothing has to be lost. */
  readonly grace: boolean;
  /** What is cut is back at once, and not only when the calls have met with it. */
  readonly brief: boolean;
}

/** How many renewals a fault meets at once. */
const TOGETHER = 3;

/** All steps × all faults, equally often, in an order that the seed decides. */
export function planFaults(seed: number, renewals: number, grace: boolean): Batch[] {
  const random = randomFrom(seed);
  const cells = STEPS.flatMap((step) => FAULTS.map((fault) => ({ step, fault })));
  const rounds = Math.ceil(renewals / cells.length / TOGETHER);
  const batches = Array.from({ length: rounds }, () => shuffled(cells, random)).flat();
  return batches.map((cell, index) => ({
    ...cell,
    subjects: Array.from(
      { length: TOGETHER },
      (_, one) => `${grace ? 'late' : 'user'}-${index}-${one}`,
    ),
    grace,
    during: random() < 0.5 ? 'requests' : 'replies',
    everybody: random() < 0.5,
    brief: random() < 0.5,
  }));
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ value }) => value);
}
