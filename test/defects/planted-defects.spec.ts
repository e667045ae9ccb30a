import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlantedCopy } from './planted-copy.js';
import { RENEWAL_DEFECTS } from './renewal.defects.js';
import { SAFETY_DEFECTS } from './safety.defects.js';

/** Each on its own makes the library unsafe, and the test that it names fail. */
const DEFECTS = [...SAFETY_DEFECTS, ...RENEWAL_DEFECTS];

/** What a test fails with when the plant has broken the code instead of making a defect of it. */
const BROKEN = /^(Reference|Syntax|Type)Error|timed out in \d+/m;

let copy: PlantedCopy;

beforeAll(() => {
  copy = new PlantedCopy();
});
afterAll(() => copy.remove());

describe('a planted defect', { timeout: 120_000 }, () => {
  it('is what the tests fail for that are to find it: they pass without', async () => {
    const outcomes = await copy.run(DEFECTS.map(({ foundBy }) => foundBy));
    const found = DEFECTS.map(({ foundBy }, index) => ({ ...foundBy, ...outcomes[index] }));
    expect(found.filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  it.each(DEFECTS.map((defect) => [defect.name, defect] as const))(
    'is found: %s',
    async (_name, defect) => {
      const mend = copy.plant(defect);
      try {
        const [outcome] = await copy.run([defect.foundBy]);
        expect(outcome?.status).toBe('failed');
        expect(outcome?.failure).not.toMatch(BROKEN);
      } finally {
        mend();
      }
    },
  );

  it('says so where the text is gone that it replaces, and leaves nothing behind', async () => {
    const file = 'lib/pipeline/single-flight.ts';
    const edits = [
      { file, replace: 'return flight;', by: 'throw new Error();' },
      { file, replace: 'a text of long ago', by: '' },
    ];
    expect(() => copy.plant({ name: 'old', edits })).toThrow(
      `The defect "old" cannot be planted: ${file} holds the text that it replaces 0 times`,
    );
    copy.plant({ name: 'again', edits: edits.slice(0, 1) })();
  });
});
