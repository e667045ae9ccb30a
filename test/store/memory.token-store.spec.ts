import { inspect } from 'node:util';
import { MemoryTokenStore } from 'nestjs-oauth-client';
import { describeTokenStore } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { BROKEN_STORES, IncompleteStore } from './broken-stores.js';
import { runTokenStoreTests } from './token-store.runner.js';

describeTokenStore('MemoryTokenStore', () => new MemoryTokenStore(), { describe, it });

describeTokenStore('a store of no more than get, set and delete', () => new IncompleteStore(), {
  describe,
  it,
  without: ['leases', 'changes', 'keys'],
});

describe('describeTokenStore', () => {
  it.concurrent.each(Object.entries(BROKEN_STORES))(
    'fails a store where %s',
    async (_defect, broken) => {
      const { failed } = await runTokenStoreTests(() => broken.make());
      expect(failed).toContain(broken.caughtBy);
    },
  );

  it('says in its title what a store leaves out, and fails a store that has it after all', async () => {
    const { titles, failed } = await runTokenStoreTests(() => new MemoryTokenStore(), {
      without: ['keys', 'changes'],
    });
    expect(titles).toContain('store (without keys, changes)');
    expect(failed).toEqual(['says that it has no changes$', 'says that it has no keys']);
  });

  it('fails a store that lacks what it does not say', async () => {
    const { failed } = await runTokenStoreTests(() => new IncompleteStore());
    expect(failed).toEqual(
      expect.arrayContaining(['has acquireLease', 'has changes$', 'has keys']),
    );
  });

  it('closes what the factory made, once for each test', async () => {
    let [made, closed] = [0, 0];
    const { passed } = await runTokenStoreTests(async () => {
      made += 1;
      return { store: new MemoryTokenStore(), close: () => (closed += 1) };
    });
    expect(closed).toBe(made);
    expect(made).toBe(passed.length);
  });

  it('asks for describe and it where they are not global', () => {
    expect(() => describeTokenStore('store', () => new MemoryTokenStore())).toThrow(
      'pass them, { describe, it }',
    );
  });
});

describe('a MemoryTokenStore', () => {
  it('shows no token when it is printed, and counts tokens alone', async () => {
    const store = new MemoryTokenStore();
    await store.acquireLease({ client: 'client', subject: 'nobody' }, 1000);
    expect(inspect(store, { depth: 10, showHidden: true })).toBe('MemoryTokenStore { tokens: 0 }');
  });
});
