import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../lib/pipeline/turns.js';

describe('work that nobody waits for', () => {
  it('is not begun in the turn that it is asked for in', async () => {
    const turns = new Turns();
    const begun: number[] = [];
    turns.take(() => void begun.push(1));
    await Promise.resolve();
    expect(begun).toEqual([]);
    await turn();
    expect(begun).toEqual([1]);
  });

  it('is begun in its order, a little at a time, and all of it', async () => {
    const turns = new Turns();
    const begun: number[] = [];
    const asked = Array.from({ length: 1_000 }, (_, index) => index);
    for (const index of asked) turns.take(() => void begun.push(index));
    const steps: number[] = [];
    while (begun.length < asked.length) {
      const before = begun.length;
      await turn();
      steps.push(begun.length - before);
    }
    expect(begun).toEqual(asked);
    expect(Math.max(...steps)).toBeLessThanOrEqual(32);
    turns.take(() => void begun.push(-1));
    await turn();
    expect(begun.at(-1)).toBe(-1);
  });

  it('begins in the async context of who asked for it', async () => {
    const context = new AsyncLocalStorage<string>();
    const turns = new Turns();
    const seen: (string | undefined)[] = [];
    for (const name of ['one', 'another']) {
      context.run(name, () => turns.take(() => void seen.push(context.getStore())));
    }
    await turn();
    await turn();
    expect(seen).toEqual(['one', 'another']);
  });
});
