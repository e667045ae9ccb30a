import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invitesNewToken, parseChallenges } from '../../lib/protocol/challenge.js';

describe('a WWW-Authenticate header', () => {
  it.each<[string, [string, Record<string, string>][]]>([
    ['Bearer', [['bearer', {}]]],
    ['Bearer realm="api"', [['bearer', { realm: 'api' }]]],
    [
      'bearer REALM="api", Error=invalid_token',
      [['bearer', { realm: 'api', error: 'invalid_token' }]],
    ],
    ['Bearer error = "invalid_token"', [['bearer', { error: 'invalid_token' }]]],
    [
      'Bearer error_description="a, \\"b\\" = c"',
      [['bearer', { error_description: 'a, "b" = c' }]],
    ],
    [
      'Basic realm="x", Bearer error="invalid_token"',
      [
        ['basic', { realm: 'x' }],
        ['bearer', { error: 'invalid_token' }],
      ],
    ],
    [
      'Negotiate, Bearer',
      [
        ['negotiate', {}],
        ['bearer', {}],
      ],
    ],
    [
      'Negotiate YWJj==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [', ,Bearer realm="x",,', [['bearer', { realm: 'x' }]]],
    ['Bearer realm="x", realm="y"', [['bearer', { realm: 'x' }]]],
    ['Bearer realm="not closed', [['bearer', {}]]],
    ['', []],
    ['"""', []],
  ])('%s', (header, expected) => {
    const found = parseChallenges(header).map(({ scheme, parameters }) => [
      scheme,
      { ...parameters },
    ]);
    expect(found).toEqual(expected);
  });

  it('is read to the end, or given up, whatever it holds', () => {
    const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'error', 'a', '\t', ';', 'é');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(Array.isArray(parseChallenges(pieces.join('')))).toBe(true);
      }),
    );
  });

  it('is read in no time, however long it is', () => {
    const startedAt = performance.now();
    for (const piece of ['"\\', 'a=', 'a ', ',', 'a="b",']) {
      parseChallenges(`Bearer ${piece.repeat(100_000)}`);
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('does not take a member of every object for a parameter', () => {
    const [challenge] = parseChallenges('Bearer __proto__="x"');
    expect(challenge?.parameters['constructor']).toBeUndefined();
  });

  it.each<[string | undefined, boolean]>([
    [undefined, true],
    ['', true],
    ['Bearer', true],
    ['Bearer error="invalid_token"', true],
    ['Bearer error="expired"', true],
    ['Bearer error="insufficient_scope"', false],
    ['Bearer error="invalid_request"', false],
    ['Basic realm="x"', false],
    ['Basic realm="x", Bearer', true],
    ['Bearer error="insufficient_scope", Bearer error="invalid_token"', true],
  ])('%s invites a new token: %s', (header, expected) => {
    expect(invitesNewToken(header)).toBe(expected);
  });
});
