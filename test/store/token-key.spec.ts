import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinKey, type TokenKey } from '../../lib/store/token-key.js';

const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc
    .array(fc.constantFrom('0', '1', '2', ':', 'a', '', '/', '{', '}'), { maxLength: 5 })
    .map((s) => s.join('')),
);
const key: fc.Arbitrary<TokenKey> = fc.oneof(
  fc.record({ client: part, subject: part }),
  fc.record({ client: part, subject: part, variant: part }),
);

describe('joinKey', () => {
  it('makes different texts of different keys, and the same of the same', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        const same =
          one.client === other.client &&
          one.subject === other.subject &&
          one.variant === other.variant;
        expect(joinKey(one) === joinKey(other)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[TokenKey, TokenKey]>([
    [
      { client: 'a', subject: 'b:c' },
      { client: 'a:b', subject: 'c' },
    ],
    [
      { client: 'a', subject: 'b' },
      { client: 'a', subject: 'b', variant: '' },
    ],
    [
      { client: 'a', subject: '', variant: 'b' },
      { client: 'a', subject: 'b' },
    ],
    [
      { client: 'a', subject: '1:b' },
      { client: 'a1:', subject: 'b' },
    ],
    [
      { client: 'a', subject: 'b1:c' },
      { client: 'a', subject: 'b', variant: 'c' },
    ],
  ])('tells %o from %o', (one, other) => {
    expect(joinKey(one)).not.toBe(joinKey(other));
  });

  it('begins the text of a variant with the text of its grant', () => {
    const grant = { client: 'a', subject: 'b' };
    expect(joinKey({ ...grant, variant: 'c' }).startsWith(joinKey(grant))).toBe(true);
  });
});
