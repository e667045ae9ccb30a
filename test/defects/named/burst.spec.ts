import { describe, expect, it } from 'vitest';
import { FaultyStore } from '../../support/faulty-store.js';
import { calls, RenewalBench } from '../../support/renewal-bench.js';

describe('a burst of calls on an expired token', () => {
  it('asks the store for one lease', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user();
    bench.expire();
    expect(await calls(session, 100)).toEqual({ 200: 100 });
    expect(store.count('lease')).toBe(1);
    expect(bench.tokenRequests).toBe(1);
  });
});
