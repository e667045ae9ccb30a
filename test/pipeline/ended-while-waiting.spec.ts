import { describe, expect, it } from 'vitest';
import { call, RenewalBench } from '../support/renewal-bench.js';

describe('a token that ends while a slow renewal of it is waited for', () => {
  it('is waited for until the renewal has come to its end', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const held = bench.server.next('token').hold();
    bench.clock.advance(3590);
    const answer = call(session);
    await held.arrived;
    bench.clock.advance(20);
    // Longer than who has a valid token waits for another.
    const patience = new Promise((resolve) => setTimeout(resolve, 1_200, 'waiting'));
    expect(await Promise.race([answer.catch(String), patience])).toBe('waiting');
    held.release();
    expect(await answer).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });
});
