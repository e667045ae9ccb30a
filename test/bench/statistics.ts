/** The middle of some figures, and the quarters around it. */
export interface Spread {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  /** How many figures there were. */
  readonly count: number;
}

/** Median and interquartile range: a few rounds that something else disturbed do not move them. */
export function spreadOf(figures: readonly number[]): Spread {
  return {
    median: quantile(figures, 0.5),
    q1: quantile(figures, 0.25),
    q3: quantile(figures, 0.75),
    count: figures.length,
  };
}

/** The figure that a share of all lies below. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position % 1);
}
