import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LOG_WINDOW_MS, LogThrottle } from '../../lib/oauth-client.log-throttle.js';

let said: string[];
let throttle: LogThrottle;
beforeEach(() => {
  said = [];
  throttle = new LogThrottle((left) => void said.push(`others: ${left}`));
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const admits = (kind: string) =>
  throttle.admits(kind, (left) => void said.push(`${kind}: ${left}`));

describe('a throttle of log lines', () => {
  it('forgets a kind of which nothing came for a while', () => {
    expect([admits('a'), admits('b'), admits('a')]).toEqual([true, true, false]);
    vi.advanceTimersByTime(LOG_WINDOW_MS);
    expect(said).toEqual(['a: 1']);
    vi.advanceTimersByTime(LOG_WINDOW_MS);
    expect(said).toEqual(['a: 1']);
    expect(vi.getTimerCount()).toBe(0);
    expect(admits('a')).toBe(true);
  });

  it('keeps no more than 1,000 kinds, and counts the others together', () => {
    for (let kind = 0; kind < 1_000; kind += 1) expect(admits(`kind ${kind}`)).toBe(true);
    for (let kind = 1_000; kind < 1_500; kind += 1) expect(admits(`kind ${kind}`)).toBe(false);
    expect(vi.getTimerCount()).toBe(1_001);
    vi.advanceTimersByTime(LOG_WINDOW_MS);
    expect(said).toEqual(['others: 500']);
  });

  it('says at its end what is still to be said, and leaves no timer', () => {
    admits('a');
    admits('a');
    admits('b');
    throttle.end();
    expect(said).toEqual(['a: 1']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
