import type { Comparison, Row } from './comparison.js';
import type { Spread } from './statistics.js';
import { verdictOf, type Check, type TargetReport } from './verdict.js';

/** Says something on the terminal. */
export function print(text: string): void {
  console.log(text);
}

/** A comparison as a table: medians, and between brackets the middle half of the rounds. */
export function table({ title, kind, rounds, pace, rows }: Comparison): string {
  const { batch, inFlight } = pace;
  const calls = inFlight === 1 ? `${batch} calls` : `${batch} calls, ${inFlight} in flight`;
  const cells = rows.map((row) => CELLS[kind](row));
  return columns(`${title} (${rounds} rounds of ${calls})`, HEADINGS[kind], cells);
}

/** Text in columns: the first to the left, the others to the right. */
export function columns(
  title: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('   '),
  );
  return ['', title, '─'.repeat(lines[0]!.length), ...lines].join('\n');
}

/** What came of a target: each figure beside what it is to be. */
export function verdicts({ target, title, checks }: TargetReport): string {
  return columns(
    `Target ${target}, ${title}: ${verdictOf(checks).toUpperCase()}`,
    ['', 'measured', 'target', 'noise', ''],
    checks.map(cellsOf),
  );
}

function cellsOf({ what, figure, unit, limit, sense, noise, verdict }: Check): string[] {
  const inUnit = (value: number) => `${short(value)} ${unit}`.trim();
  return [
    what,
    inUnit(figure),
    `${sense} ${inUnit(limit)}`,
    noise === 0 ? '' : `± ${short(noise)}`,
    verdict,
  ];
}

function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 20 ? 2 : 0);
}

const HEADINGS: Record<Comparison['kind'], readonly string[]> = {
  stub: ['', 'µs a call', 'over axios'],
  http: ['', 'requests/s', '× axios', 'CPU µs a request', '× axios'],
};

const CELLS: Record<Comparison['kind'], (row: Row) => readonly string[]> = {
  stub: (row) => [row.name, text(row.wallMicros, 1), text(row.added, 1)],
  http: (row) => [
    row.name,
    text(row.perSecond, 0),
    text(row.rate, 2),
    text(row.cpuMicros, 0),
    text(row.cpuRate, 2),
  ],
};

function text({ median, q1, q3 }: Spread, digits: number): string {
  return `${median.toFixed(digits)} [${q1.toFixed(digits)} … ${q3.toFixed(digits)}]`;
}
