import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from '../../lib/protocol/retry-after.js';

const NOW = Date.UTC(2026, 0, 1, 12) / 1000;

describe('a Retry-After header', () => {
  it.each<[string | null | undefined, number | undefined]>([
    ['0', 0],
    ['120', 120],
    [' 7 ', 7],
    ['Thu, 01 Jan 2026 12:01:00 GMT', 60],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-01-01T12:01:00Z', undefined],
    ['99999999999999', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %o means %o seconds', (header, expected) => {
    expect(retryAfterSeconds(header, NOW)).toBe(expected);
  });
});
