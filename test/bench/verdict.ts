import type { Spread } from './statistics.js';

/** What a figure says of its target. */
export type Verdict = 'met' | 'missed' | 'not decided';

/** One figure and what it is to be. */
export interface Check {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  readonly limit: number;
  readonly sense: 'at most' | 'at least' | 'exactly';
  /** How far two runs of the same thing are apart: a target closer than that is not decided. */
  readonly noise: number;
  readonly verdict: Verdict;
}

/** What came of one target. */
export interface TargetReport {
  readonly target: number;
  readonly title: string;
  readonly checks: readonly Check[];
  /** Everything that was measured, for the JSON. */
  readonly figures: unknown;
}

/** Holds a figure against its limit. */
export function check(
  what: string,
  figure: number,
  sense: Check['sense'],
  limit: number,
  { unit = '', noise = 0 }: { unit?: string; noise?: number } = {},
): Check {
  const fits =
    sense === 'at most'
      ? figure <= limit
      : sense === 'at least'
        ? figure >= limit
        : figure === limit;
  const isClose = sense !== 'exactly' && Math.abs(figure - limit) < noise;
  const verdict = isClose ? 'not decided' : fits ? 'met' : 'missed';
  return { what, figure, unit, limit, sense, noise, verdict };
}

/**
 * How sure a median is: the half of its 95 % interval, as a notched box plot draws it, and never
 * less than what the same thing, measured beside it, came out apart.
 */
export function noiseOf({ median, q1, q3, count }: Spread, around: number): number {
  return Math.max(Math.abs(median - around), (1.57 * (q3 - q1)) / Math.sqrt(count));
}

/** One verdict for several: what is missed counts before what is not decided. */
export function verdictOf(checks: readonly Check[]): Verdict {
  if (checks.some(({ verdict }) => verdict === 'missed')) return 'missed';
  return checks.some(({ verdict }) => verdict === 'not decided') ? 'not decided' : 'met';
}
