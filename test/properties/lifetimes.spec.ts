import fc from 'fast-check';
import {
  OAuthClientError,
  TokenSet,
  type OAuthSession,
  type TokenResponse,
} from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { startHost } from '../support/host.js';
import { holds } from './properties.js';

/** Every kind of value that JSON has, and the numbers and texts that are read in different ways. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 2, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      ...[0, -0, 1, -1, 0.5, -0.5, 3600, 1e300, -1e300, 2 ** 53, -(2 ** 53), 2 ** 31, 2 ** 63],
      ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.MAX_VALUE, Number.MIN_VALUE],
      ...['', ' ', '0', '-1', '3600', ' 3600 ', '+5', '1e3', '0x10', '1_000', '٣', 'never'],
      ...['NaN', 'Infinity', '-Infinity', '9007199254740993', '1'.repeat(400), 'null'],
      ...[null, true, false, [], [3600], {}, { valueOf: 5 }, [[]], '2030-01-01T00:00:00Z'],
    ),
  },
);

/** Numbers as they may stand in a JSON text, beyond what a JavaScript number can hold. */
const numeral = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,5})?([eE][+-]?\d{1,4})?$/),
  fc.constantFrom('1e400', '-1e400', '1E-400', '-0', '-0.0', '9007199254740993', '0e9'),
);

const fields = fc.record({ expires_in: value, expires_at: value }, { requiredKeys: [] });

function expectSound(token: TokenSet): void {
  const { expiresAt } = token;
  expect(expiresAt ?? 0).toSatisfy(Number.isSafeInteger);
  expect(token.expiresIn() ?? 0).toSatisfy(Number.isFinite);
  expect(token.expiresIn() === undefined).toBe(expiresAt === undefined);
  expect(typeof token.isExpired(60)).toBe('boolean');
  const again = TokenSet.from(token.toRecord());
  expect(again.expiresAt).toBe(expiresAt);
}

describe('the end of a token', () => {
  it('is unknown or a whole second, whatever expires_in and expires_at are', () =>
    holds(
      'lifetimes of a token set',
      fc.property(fields, (odd) => {
        expectSound(
          TokenSet.from({ ...odd, access_token: 'a', token_type: 'Bearer' } as TokenResponse),
        );
      }),
      { runs: 20_000 },
    ));

  // expiryOf() adds the present to a lifetime that is itself the last exact number.
  it('is exact or unknown for the longest lifetime there is', () => {
    const { expiresAt } = TokenSet.from({
      access_token: 'a',
      token_type: 'Bearer',
      expires_in: Number.MAX_SAFE_INTEGER,
    });
    expect(expiresAt ?? 0).toSatisfy(Number.isSafeInteger);
  });

  describe('that a token endpoint names', () => {
    let body = '';
    let client: OAuthSession;
    beforeEach(async () => {
      const host = await startHost((_request, response) => response.end(body));
      client = await bootClient({
        clientId: 'client',
        clientSecret: 'secret',
        tokenEndpoint: `${host.origin}/token`,
        grant: 'client_credentials',
        allowInsecureHttp: true,
      });
    });

    async function expectFetched(text: string): Promise<void> {
      body = text;
      const fetched = await client.fetchToken().catch((error: unknown) => error);
      const isToken = fetched instanceof TokenSet;
      expect(fetched).toSatisfy((one) => isToken || one instanceof OAuthClientError);
      if (isToken) expectSound(fetched);
    }

    it('is so in JSON, too, with numbers of any size', () =>
      holds(
        'lifetimes in JSON',
        fc.asyncProperty(fc.oneof(numeral, value.map(asJson)), numeral, fc.boolean(), (a, b, at) =>
          expectFetched(
            `{"access_token":"a","token_type":"Bearer","expires_in":${a}` +
              `${at ? `,"expires_at":${b}` : ''}}`,
          ),
        ),
      ));

    it('is so in a form, too', () =>
      holds(
        'lifetimes in a form',
        fc.asyncProperty(fields, (odd) =>
          expectFetched(
            String(
              new URLSearchParams({
                access_token: 'a',
                ...Object.fromEntries(Object.entries(odd).map(([k, v]) => [k, texted(v)])),
              }),
            ),
          ),
        ),
      ));
  });
});

function asJson(given: unknown): string {
  return JSON.stringify(given) ?? 'null';
}

function texted(given: unknown): string {
  return typeof given === 'string' ? given : asJson(given);
}
