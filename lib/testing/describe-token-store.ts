import { describeChanges } from './describe-token-store.changes.js';
import { describeCommits } from './describe-token-store.commits.js';
import { describeLeases } from './describe-token-store.leases.js';
import { describeRecords, describeKeys } from './describe-token-store.records.js';
import {
  PARTS,
  runnerOf,
  TokenStoreTests,
  type TokenStoreFactory,
  type TokenStorePart,
  type TokenStoreTestOptions,
} from './describe-token-store.support.js';

/**
 * The contract of `TokenStore` as tests, for any implementation and any test framework with
 * `describe` and `it`. Each test asks the factory for a store and closes it afterwards; keys are
 * unique to a test, so the stores may share one database.
 *
 * A store may leave parts of the contract out. What it leaves out is to be named in `without`: it
 * then stands in the suite's title, and a test checks that it is true.
 *
 * @example
 * ```ts
 * describeTokenStore('MyTokenStore', () => new MyTokenStore(pool));                     // with globals
 * describeTokenStore('MyTokenStore', () => new MyTokenStore(pool), { describe, it });   // without
 * ```
 *
 * @param name - The suite's title.
 * @param factory - Makes a store, or a store with what is to be closed after it.
 * @param options - `describe` and `it` where they are not global, and what the store leaves out.
 */
export function describeTokenStore(
  name: string,
  factory: TokenStoreFactory,
  options: TokenStoreTestOptions = {},
): void {
  const { describe, it } = runnerOf(options);
  const without: readonly TokenStorePart[] = options.without ?? [];
  const has = (part: TokenStorePart) => !without.includes(part);
  const title = without.length > 0 ? `${name} (without ${without.join(', ')})` : name;
  describe(title, () => {
    const tests = new TokenStoreTests(factory, it);
    for (const part of PARTS) tests.declared(part, has(part));
    describeRecords(tests);
    if (has('keys')) describeKeys(tests, has('leases'));
    if (has('leases')) {
      describeLeases(tests);
      describeCommits(tests);
    }
    if (has('changes')) describeChanges(tests, has('leases'));
  });
}
