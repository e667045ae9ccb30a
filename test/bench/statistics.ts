/** The middle of some figures, and the quarters around it. */
export interface Spread {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  /** The tenth percentile: what it takes while nothing else uses the machine. */
  readonly calm: number;
}

/** Median and interquartile range: a few rounds that something else disturbed do not move them. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    calm: quantile(sorted, 0.1),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position % 1);
}
