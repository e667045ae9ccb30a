import { setImmediate as immediate } from 'node:timers/promises';
import { waitWithin } from '../pipeline/patience.js';

/** After so many items other work of the process has its turn. */
const TURN = 200;

/** How a walk is bounded. */
export interface WalkBounds {
  /** How many pieces of work are under way at most. */
  readonly concurrency: number;
  /** Begins no other piece of work when aborted. */
  readonly signal: AbortSignal;
}

/**
 * Works on one item after the other as they come, so many at a time, with no more of them in memory
 * than that. Ends when all are done or, after the signal, when those under way are.
 *
 * @param work - Must not reject.
 */
export async function walk<T>(
  items: AsyncIterable<T>,
  { concurrency, signal }: WalkBounds,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const running = new Set<Promise<void>>();
  let count = 0;
  let wake = (): void => undefined;
  const oneIsDone = () => new Promise<void>((resolve) => (wake = resolve));
  const run = (item: T): void => {
    const one = work(item).finally(() => {
      running.delete(one);
      wake();
    });
    running.add(one);
  };
  try {
    while (!signal.aborted) {
      if (running.size >= concurrency) {
        await oneIsDone();
        continue;
      }
      const next = await waitWithin(Promise.resolve(iterator.next()), { signal }, () => STOPPED);
      if (next.done === true) return;
      run(next.value);
      count += 1;
      // A store that answers at once would leave no time to anything else.
      if (count % TURN === 0) await immediate();
    }
  } catch (error) {
    if (error !== STOPPED) throw error;
  } finally {
    // A store that hangs must not hold up the end.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
    await Promise.all(running);
  }
}

const STOPPED = new Error('the walk was stopped');
