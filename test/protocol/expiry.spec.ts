import { describe, expect, it } from 'vitest';
import { effectiveLeeway, expiryOf, finiteNumber } from '../../lib/protocol/expiry.js';

const NOW = 1_700_000_000;

describe('the end of a token', () => {
  it.each<[string, Record<string, unknown>, number | undefined]>([
    ['a lifetime', { expires_in: 3600 }, NOW + 3600],
    ['a lifetime with a fraction, cut', { expires_in: 3599.9 }, NOW + 3599],
    ['a lifetime as text', { expires_in: '3600' }, NOW + 3600],
    ['a lifetime as text with spaces', { expires_in: ' 60 ' }, NOW + 60],
    ['a lifetime as text with a fraction, cut', { expires_in: '12.5' }, NOW + 12],
    ['a negative lifetime: expired already', { expires_in: -1 }, NOW - 1],
    ['a negative lifetime as text', { expires_in: '-1' }, NOW - 1],
    ['no lifetime', {}, undefined],
    ['a lifetime of null', { expires_in: null }, undefined],
    ['a lifetime of zero', { expires_in: 0 }, undefined],
    ['a lifetime of zero as text', { expires_in: '0' }, undefined],
    ['an empty lifetime', { expires_in: '' }, undefined],
    ['a lifetime in words', { expires_in: 'one hour' }, undefined],
    ['an unending lifetime', { expires_in: Number.POSITIVE_INFINITY }, undefined],
    ['a lifetime that is no number', { expires_in: Number.NaN }, undefined],
    ['a lifetime beyond all integers', { expires_in: 1e300 }, undefined],
    ['a list', { expires_in: [3600] }, undefined],
    ['an end', { expires_at: NOW + 10 }, NOW + 10],
    ['an end with a fraction, cut', { expires_at: NOW + 10.7 }, NOW + 10],
    ['an end as text', { expires_at: String(NOW + 10) }, NOW + 10],
    ['an end as text with a fraction', { expires_at: `${NOW}.75` }, NOW],
    ['an end in the past', { expires_at: NOW - 10 }, NOW - 10],
    ['an end, which wins over a lifetime', { expires_at: NOW + 10, expires_in: 3600 }, NOW + 10],
    ['an end in words beside a lifetime', { expires_at: 'soon', expires_in: 60 }, NOW + 60],
    ['an end in words alone', { expires_at: 'soon' }, undefined],
    ['an end of null beside a lifetime', { expires_at: null, expires_in: 60 }, NOW + 60],
    ['an end of zero beside a lifetime', { expires_at: 0, expires_in: 60 }, NOW + 60],
  ])('comes from %s', (_what, response, expected) => {
    expect(expiryOf(response, NOW)).toBe(expected);
  });

  it('is counted from the whole second of its arrival', () => {
    expect(expiryOf({ expires_in: 60 }, NOW + 0.9)).toBe(NOW + 60);
  });
});

describe('finiteNumber', () => {
  it.each([
    [7, 7],
    ['7', 7],
    ['+7', 7],
    ['-7.5', -7.5],
    ['1e3', undefined],
    ['0x10', undefined],
    ['7 days', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [true, undefined],
    ['99999999999999999999', undefined],
  ])('reads %o as %o', (value, expected) => {
    expect(finiteNumber(value)).toBe(expected);
  });
});

describe('the leeway of a renewal', () => {
  it.each([
    [60, 3600, 60],
    [60, 240, 60],
    [60, 100, 25],
    [60, 10, 2.5],
    [0, 3600, 0],
    [60, 0, 0],
    [60, -10, 0],
    [-5, 3600, 0],
  ])('of %d s for a token of %d s is %d s', (leeway, lifetime, expected) => {
    expect(effectiveLeeway(leeway, NOW, NOW + lifetime)).toBe(expected);
  });
});
