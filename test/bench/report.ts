import type { Comparison, Row } from './comparison.js';
import type { SessionMemory } from './session-memory.js';
import type { Spread } from './statistics.js';

/** A comparison as a table: medians, and between brackets the middle half of the rounds. */
export function table({ title, kind, rounds, pace, rows }: Comparison): string {
  const { batch, inFlight } = pace;
  const calls = inFlight === 1 ? `${batch} calls` : `${batch} calls, ${inFlight} in flight`;
  const cells = [HEADINGS[kind], ...rows.map((row) => CELLS[kind](row, rows[0]!))];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('   '),
  );
  const heading = `${title} (${rounds} rounds of ${calls})`;
  return ['', heading, '─'.repeat(lines[0]!.length), ...lines].join('\n');
}

/** What a session weighs, in words. */
export function memoryLine({ sessions, bytesEach, keyBytesEach }: SessionMemory): string {
  const over = (bytesEach - keyBytesEach).toFixed(0);
  return `\n${sessions.toLocaleString('en')} for() sessions alive: ${bytesEach.toFixed(0)} bytes each, ${over} over the text of their key`;
}

const HEADINGS: Record<Comparison['kind'], readonly string[]> = {
  stub: ['', 'µs a call', 'over axios', 'calmest tenth', 'over axios'],
  http: ['', 'requests/s', '× axios', 'CPU µs a request', '× axios'],
};

const CELLS: Record<Comparison['kind'], (row: Row, bare: Row) => readonly string[]> = {
  stub: (row, bare) => [
    row.name,
    text(row.wallMicros, 1),
    text(row.added, 1),
    row.wallMicros.calm.toFixed(1),
    (row.wallMicros.calm - bare.wallMicros.calm).toFixed(1),
  ],
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
