import fc from 'fast-check';
import type { OAuthSession } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { startHost, type Host } from '../support/host.js';
import { headerText, holds } from './properties.js';

const SCHEMES = ['Bearer', 'bearer', 'BEARER', 'Basic', 'DPoP', 'Negotiate', 'Bearer,', ',Bearer'];
const PARAMETERS = [
  'error="invalid_token"',
  'error=invalid_token',
  'error="insufficient_scope"',
  'Error = "invalid_request"',
  'error="invalid\\_token"',
  'realm="a, Bearer error=\\"insufficient_scope\\""',
  'realm="ünïcödé"',
  'error="',
  'error=',
  'error',
  '__proto__="x"',
  'constructor=y',
  'YWJj==',
];
const PIECES = [...SCHEMES, ...PARAMETERS, ' ', '  ', ', ', ',', ',,', '=', '"', '\\', '\\"', ';'];

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: headerText(5) },
);
/** One header: challenges in good order, pieces in any, arbitrary text, or very much of one thing. */
const header = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(
          fc
            .tuple(
              fc.constantFrom(...SCHEMES),
              fc.array(fc.constantFrom(...PARAMETERS), { maxLength: 3 }),
            )
            .map(([scheme, parameters]) => `${scheme} ${parameters.join(', ')}`),
          { minLength: 1, maxLength: 3 },
        )
        .map((challenges) => challenges.join(', ')),
    },
    { weight: 4, arbitrary: fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')) },
    { weight: 2, arbitrary: headerText() },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...PIECES), fc.integer({ min: 100, max: 7_000 }))
        .map(([one, size]) => one.repeat(Math.ceil(size / one.length)).slice(0, size)),
    },
  )
  .filter((text) => text.trim() !== '');

const challenge = fc.record({
  headers: fc.oneof(
    { weight: 5, arbitrary: header.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(header.filter(isShort), { maxLength: 4 }) },
  ),
  /** Whether the token that a renewal brought is refused, too. */
  again: fc.boolean(),
  method: fc.constantFrom('get' as const, 'post' as const),
  placement: fc.constantFrom('header' as const, 'query' as const),
});

let current: { headers: string[]; again: boolean } = { headers: [], again: false };
let apiRequests: string[] = [];
let tokenRequests = 0;
let server: Host;
let clients: Record<'header' | 'query', OAuthSession>;

beforeEach(async () => {
  server = await startHost((request, response) => {
    if (request.path === '/token') {
      tokenRequests += 1;
      response.end(JSON.stringify({ access_token: `new-${tokenRequests}`, expires_in: 3600 }));
      return;
    }
    const shown = request.headers.authorization ?? request.path;
    apiRequests.push(shown);
    if (shown.includes('new-') && !current.again) response.end('{}');
    else response.writeHead(401, { 'WWW-Authenticate': current.headers }).end('{}');
  });
  const boot = (tokenPlacement: 'header' | 'query') =>
    bootClient({
      clientId: 'client',
      clientSecret: 'secret',
      tokenEndpoint: `${server.origin}/token`,
      baseURL: `${server.origin}/api`,
      tokenPlacement,
      allowInsecureHttp: true,
    });
  clients = { header: await boot('header'), query: await boot('query') };
});

type Challenged = typeof challenge extends fc.Arbitrary<infer T> ? T : never;

let runs = 0;

/** One call of a user of its own; what it may bring about, and how many renewals it did. */
async function expectOneReplay({ method, placement, ...answer }: Challenged): Promise<number> {
  current = answer;
  apiRequests = [];
  const before = tokenRequests;
  const session = clients[placement].for(`user ${(runs += 1)}`);
  await session.setToken({ access_token: 'old', token_type: 'Bearer', refresh_token: 'r' });
  const call = method === 'get' ? session.get('/things') : session.post('/things', { a: 1 });
  const outcome = await firstValueFrom(call).catch((error: unknown) => error);

  const renewed = tokenRequests - before;
  expect(renewed).toBeLessThanOrEqual(1);
  expect(apiRequests).toHaveLength(1 + renewed);
  expect(apiRequests[0]).toContain('old');
  const replays = apiRequests.filter((shown) => shown.includes(`new-${tokenRequests}`));
  expect(replays).toHaveLength(renewed);
  const refused = { isAxiosError: true, response: { status: 401 } };
  expect(outcome).toMatchObject(renewed === 1 && !answer.again ? { status: 200 } : refused);
  return renewed;
}

describe('whatever challenge comes with a 401', () => {
  it('there is one renewal and one replay at most, and the last answer counts', async () => {
    let renewals = 0;
    const property = fc.asyncProperty(challenge, async (given) => {
      renewals += await expectOneReplay(given);
    });
    await holds('challenges of a 401', property, { runs: 1_500 });
    expect(renewals).toBeGreaterThan(100);
    expect(renewals).toBeLessThan(runs - 100);
  }, 60_000);
});

/** Node reads 16 KiB of headers at most. */
function isShort(text: string): boolean {
  return text.length < 500;
}
