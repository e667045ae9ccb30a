import fc from 'fast-check';

/** How a property is checked. */
export interface Runs {
  /** How often; 1,000 times when left out. */
  readonly runs?: number;
}

/**
 * Checks a property and says with which seed: that of `PROPERTY_SEED`, in CI always the same one, so
 * that a change is judged by itself, elsewhere a random one. On failure the error shows the smallest
 * counterexample and how to see it again.
 */
export async function holds<T>(
  name: string,
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
  { runs = 1_000 }: Runs = {},
): Promise<void> {
  const seed = seedOf(process.env.PROPERTY_SEED);
  const details = await fc.check(property, { seed, numRuns: runs, verbose: 0 });
  if (!details.failed) {
    console.log(`${name}: seed=${seed}, runs=${details.numRuns}`);
    return;
  }
  const again = `PROPERTY_SEED=${seed} npx vitest run --project library test/properties`;
  throw new Error(
    `${name}: seed=${seed}, failed at run ${details.numRuns}, shrunk ${details.numShrinks} times\n` +
      `counterexample: ${fc.stringify(details.counterexample)}\nagain: ${again}`,
    { cause: details.errorInstance },
  );
}

const CI_SEED = 20_261_121;

function seedOf(given = process.env.CI ? String(CI_SEED) : undefined): number {
  const seed = Number(given ?? Number.NaN);
  return Number.isInteger(seed) ? seed | 0 : Math.floor(Math.random() * 0x7fffffff);
}

/** Text that HTTP allows as the value of a header: tab, printable ASCII and latin1. */
export function headerText(maxLength = 60): fc.Arbitrary<string> {
  const codes = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 1, arbitrary: fc.constant(0x09) },
    { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
  );
  return fc
    .array(codes, { maxLength })
    .map((list) => String.fromCodePoint(...list))
    .filter((text) => text.trim() !== '');
}

/** Text put together of given pieces and of arbitrary ones. */
export function pieced(pieces: readonly string[], maxLength = 12): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
  );
  return fc.array(piece, { maxLength }).map((parts) => parts.join(''));
}
