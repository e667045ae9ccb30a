import { AGAIN } from './contenders.js';
import { type Contender, type Pace, rounds, type Sample, type Samples } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';
import { noiseOf } from './verdict.js';

/** One contender's figures. */
export interface Row {
  readonly name: string;
  /** Per call, in microseconds. */
  readonly wallMicros: Spread;
  /** Of this process per call, in microseconds. */
  readonly cpuMicros: Spread;
  readonly perSecond: Spread;
  /** Microseconds more than bare axios took in the same round. */
  readonly added: Spread;
  /** Calls per second as a share of what bare axios made in the same round. */
  readonly rate: Spread;
  /** CPU time as a share of what bare axios used in the same round. */
  readonly cpuRate: Spread;
}

/** All contenders under one condition; the first is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly kind: 'stub' | 'http';
  readonly rounds: number;
  readonly pace: Pace;
  readonly rows: readonly Row[];
}

/** Runs a comparison and works its figures out. */
export async function compare(
  title: string,
  kind: Comparison['kind'],
  contenders: readonly Contender[],
  pace: Pace,
): Promise<Comparison> {
  const samples = await rounds(contenders, pace);
  const reference = samples[0]!;
  const rows = contenders.map(({ name }, index) => rowOf(name, samples[index]!, reference));
  return { title, kind, rounds: reference.length, pace, rows };
}

/** The figures of one contender. */
export function row({ rows }: Comparison, name: string): Row {
  const found = rows.find((row) => row.name === name);
  if (!found) throw new Error(`Nobody is called ${name}.`);
  return found;
}

/** How far bare axios is from itself, in one of the figures, which would be `same`. */
export function noise(comparison: Comparison, figure: 'added' | 'rate' | 'cpuRate'): number {
  return noiseOf(row(comparison, AGAIN)[figure], figure === 'added' ? 0 : 1);
}

function rowOf(name: string, samples: Samples, reference: Samples): Row {
  const figures = (figure: (own: Sample, bare: Sample) => number) =>
    spreadOf(samples.flatMap((own, round) => (own ? [figure(own, reference[round]!)] : [])));
  return {
    name,
    wallMicros: figures((own) => own.wallMicros),
    cpuMicros: figures((own) => own.cpuMicros),
    perSecond: figures((own) => 1e6 / own.wallMicros),
    added: figures((own, bare) => own.wallMicros - bare.wallMicros),
    rate: figures((own, bare) => bare.wallMicros / own.wallMicros),
    cpuRate: figures((own, bare) => own.cpuMicros / bare.cpuMicros),
  };
}
