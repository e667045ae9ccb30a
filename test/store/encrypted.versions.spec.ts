import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeenVersions } from '../../lib/store/seen-versions.js';

interface Step {
  readonly process: number;
  readonly does: 'read' | 'write' | 'delete';
  /** How long it takes to begin, to reach the store, and to hear the answer. */
  readonly delays: readonly [number, number, number];
}

const delay = fc.nat({ max: 12 });
const step: fc.Arbitrary<Step> = fc.record({
  process: fc.nat({ max: 2 }),
  does: fc.constantFrom('read', 'read', 'write', 'delete'),
  delays: fc.tuple(fc.nat({ max: 60 }), delay, delay),
});

async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) await Promise.resolve();
}

describe('the versions that a process has seen', () => {
  it('hold nothing against a store that nobody tampers with, however its answers overlap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const processes = [0, 1, 2].map(() => new SeenVersions(10));
        const answers: boolean[] = [];
        let stored: string | undefined;
        const run = async ({ process, does, delays }: Step, index: number) => {
          const seen = processes[process]!;
          await ticks(delays[0]);
          const next = does === 'write' ? `version ${index}` : undefined;
          const since = does === 'read' ? seen.now() : seen.writing('id', next);
          await ticks(delays[1]);
          const found = stored;
          if (does !== 'read') stored = next;
          await ticks(delays[2]);
          if (does !== 'read') seen.wrote('id', next, since);
          else if (found !== undefined) answers.push(seen.read('id', found, since));
        };
        await Promise.all(steps.map(run));
        expect(answers).not.toContain(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('tell a version that comes back after each of several others', () => {
    const seen = new SeenVersions(10);
    for (const version of ['a', 'b', 'c']) expect(seen.read('id', version, seen.now())).toBe(true);
    for (const version of ['a', 'b']) expect(seen.read('id', version, seen.now())).toBe(false);
    expect(seen.read('id', 'c', seen.now())).toBe(true);
    expect(seen.read('other', 'a', seen.now())).toBe(true);
  });

  it('let one be read again from when the application begins to set it again', () => {
    const seen = new SeenVersions(10);
    for (const version of ['a', 'b']) seen.read('id', version, seen.now());
    const since = seen.writing('id', 'a');
    expect(seen.read('id', 'a', seen.now())).toBe(true);
    seen.wrote('id', 'a', since);
    expect(seen.read('id', 'a', seen.now())).toBe(true);
  });

  it('are forgotten beyond their bound, the least recently used key first', () => {
    const seen = new SeenVersions(1);
    for (const version of ['a', 'b']) seen.read('id', version, seen.now());
    seen.read('other', 'x', seen.now());
    expect(seen.read('id', 'a', seen.now())).toBe(true);
  });

  it('are none where none are to be remembered', () => {
    const seen = new SeenVersions(0);
    for (const version of ['a', 'b', 'a']) {
      expect(seen.read('id', version, seen.now())).toBe(true);
    }
  });
});
