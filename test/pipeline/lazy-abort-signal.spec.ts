import { getEventListeners } from 'node:events';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LazyAbortSignal } from '../../lib/pipeline/lazy-abort-signal.js';
import { bootClient, machineClient, startServer } from '../support/application.js';

function counting() {
  const told: unknown[] = [];
  return { told, listener: ({ type }: { type: string }) => void told.push(type) };
}

describe('the signal of a call', () => {
  it('tells each listener once, also one that was removed and came again', () => {
    const signal = new LazyAbortSignal();
    const [one, other] = [counting(), counting()];
    signal.addEventListener('abort', one.listener);
    signal.addEventListener('abort', other.listener);
    signal.addEventListener('abort', other.listener);
    signal.removeEventListener('abort', one.listener);
    signal.addEventListener('abort', other.listener);
    signal.addEventListener('abort', one.listener);
    signal.abort();
    signal.abort();
    expect([one.told, other.told]).toEqual([['abort'], ['abort']]);
  });

  it('tells nothing to a listener that was removed', () => {
    const signal = new LazyAbortSignal();
    const [one, other] = [counting(), counting()];
    for (const { listener } of [one, other]) signal.addEventListener('abort', listener);
    for (const { listener } of [one, other]) signal.removeEventListener('abort', listener);
    signal.abort();
    expect([one.told, other.told]).toEqual([[], []]);
  });

  it("leaves no listener on the caller's own, however many calls share that", async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    const { signal } = new AbortController();
    for (let call = 0; call < 12; call += 1) {
      await firstValueFrom(session.get('/things', { signal }));
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
