import fc from 'fast-check';
import { OAuthClientError, type OAuthSession } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { startHost, type Host } from '../support/host.js';
import { leaks } from '../support/leaks.js';
import { holds, pieced } from './properties.js';

const SECRET = 'client-secret-5vXc9Rb2';
const CODE = 'code-8sKw0LmZ4q';
const ACCESS = 'access-4Rt7UpYd2';
const REDIRECT_URI = 'https://app.example/callback';
/** They stand in a generated text for the state of this flow, and for that of somebody else's. */
const STATE = '{state}';
const OTHERS_STATE = '{others}';

const value = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('', '%', '%zz', '%00', '%E0%A4%A', '+', 'null', '0') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);
const stateValue = fc.oneof(
  { weight: 6, arbitrary: fc.constant(STATE) },
  { weight: 2, arbitrary: fc.constant(OTHERS_STATE) },
  { weight: 1, arbitrary: fc.constantFrom(`${STATE}x`, `x${STATE}`, `${STATE}%00`, `[${STATE}]`) },
  { weight: 1, arbitrary: value },
);

type Param = readonly [string, string];
const param = (name: string, of: fc.Arbitrary<string>): fc.Arbitrary<Param> =>
  fc.tuple(fc.constant(name), of);
const usual = fc.tuple(
  param('code', fc.constant(CODE)),
  param('state', stateValue),
  param('access_token', fc.constant(ACCESS)),
);
const other = fc.oneof(
  param('code', fc.oneof(fc.constant(CODE), value)),
  param('state', stateValue),
  param('access_token', fc.oneof(fc.constant(ACCESS), value)),
  param('token_type', fc.constantFrom('Bearer', 'bearer', 'mac', '')),
  param('expires_in', fc.oneof(value, fc.constantFrom('3600', '-1', '1e9'))),
  param('error', fc.oneof(value, fc.constant('access_denied'))),
  ...['iss', 'scope', 'error_description', '__proto__', 'constructor', 'format', 'STATE'].map(
    (name) => param(name, value),
  ),
  fc.tuple(fc.string({ maxLength: 5 }), value),
);

/** Often what one grant answers, code and state or state and token; else any two or all. */
const kept = fc.oneof(fc.constantFrom([0, 1], [1, 2]), fc.subarray([0, 1, 2], { minLength: 2 }));

/** A callback as the server sends it, its parameters repeated, left out, mixed and cut. */
const mutated = fc
  .record({
    before: fc.constantFrom(
      `${REDIRECT_URI}?`,
      `${REDIRECT_URI}#`,
      '/callback?',
      '?',
      '',
      '#',
      '//',
    ),
    params: fc
      .tuple(kept, usual, fc.array(other, { maxLength: 3 }))
      .map(([kept, all, more]) => [...kept.map((at) => all[at]!), ...more]),
    separators: fc.infiniteStream(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant('&') },
        { weight: 1, arbitrary: fc.constantFrom('#', '?', ';', '&&', '#?', '&amp;') },
      ),
    ),
    after: fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      value.map((text) => `#${text}`),
    ),
  })
  .map(({ before, params, separators, after }) => {
    const texts = params.map((pair) => pair.join('='));
    // What the server says in an error is shown, and odd separators would make all the rest of it.
    const isError = params.some(([name]) => name.startsWith('error'));
    const separator = () => (isError ? '&' : separators.next().value);
    return before + texts.reduce((all, one) => all + separator() + one) + after;
  });

const PIECES = ['?', '#', '&', '=', '/', ':', 'code=', 'state=', 'iss=', 'access_token=', '%3D'];
const callback = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 3, arbitrary: pieced([...PIECES, CODE, ACCESS, STATE, STATE, OTHERS_STATE]) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
);

async function boot(grant: 'authorization_code' | 'implicit'): Promise<[OAuthSession, Host]> {
  const host = await startHost((_request, response) =>
    response.end(JSON.stringify({ access_token: ACCESS, token_type: 'Bearer' })),
  );
  const client = await bootClient({
    clientId: 'client',
    clientSecret: SECRET,
    authorizationEndpoint: `${host.origin}/authorize`,
    tokenEndpoint: `${host.origin}/token`,
    redirectUri: REDIRECT_URI,
    grant,
    allowInsecureHttp: true,
  });
  return [client, host];
}

/** Whether one parameter alone, however it stands in the text, brings this state. */
function brings(text: string, state: string): boolean {
  return text
    .split(/[?#&]/)
    .some((part) =>
      [...new URLSearchParams(part)].some((pair) => pair.join() === `state,${state}`),
    );
}

type Pass = (client: OAuthSession, authorizationResponse: string) => Promise<unknown>;

/** Begins two flows, passes a callback to the first, and judges what comes of it. */
function safe(client: OAuthSession, host: Host, pass: Pass, othersBrowser: string) {
  let exchanged = 0;
  const property = fc.asyncProperty(callback, async (template) => {
    const { state } = await client.for('alice').authorizationUrl({ binding: 'browser' });
    const others = await client.for('bob').authorizationUrl({ binding: othersBrowser });
    const text = template.replaceAll(STATE, state).replaceAll(OTHERS_STATE, others.state);
    const before = host.requests.length;
    await client.for('alice').clearToken();
    const outcome = await pass(client, text).catch((error: unknown) => error);
    const sent = host.requests.slice(before).map(({ body }) => new URLSearchParams(body));
    const stored = await client.for('alice').token();
    expect(sent.length).toBeLessThanOrEqual(1);
    expect(await client.for('bob').token()).toBeUndefined();
    const isRight = brings(text, state);
    expect(isRight ? [] : sent).toEqual([]);
    expect(isRight ? undefined : stored).toBeUndefined();
    if (stored) exchanged += 1;
    expect(outcome).toSatisfy((one) => stored !== undefined || one instanceof OAuthClientError);
    const secrets = { secret: SECRET, code: CODE, 'access token': ACCESS, state };
    expect(leaks(outcome, secrets)).toEqual([]);
  });
  return { property, exchanged: () => exchanged };
}

const ways: Record<string, ['authorization_code' | 'implicit', Pass]> = {
  'fetchToken()': [
    'authorization_code',
    (client, authorizationResponse) =>
      client.for('alice').fetchToken({ authorizationResponse, binding: 'browser' }),
  ],
  'completeAuthorization()': [
    'authorization_code',
    (client, authorizationResponse) =>
      client.for('alice').completeAuthorization({ authorizationResponse, binding: 'browser' }),
  ],
  "completeAuthorization() on the client's own session": [
    'authorization_code',
    (client, authorizationResponse) =>
      client.completeAuthorization({ authorizationResponse, binding: 'browser' }),
  ],
  'tokenFromFragment()': [
    'implicit',
    (client, text) => client.for('alice').tokenFromFragment(text, 'browser'),
  ],
};

describe('whatever callback is passed', () => {
  it.each(Object.entries(ways))(
    'to %s, it fails with an error of ours, or brings the state and a token',
    async (name, [grant, pass]) => {
      // The client's own session takes any subject's flow that was begun in this browser.
      const othersBrowser = name.includes('own session') ? 'elsewhere' : 'browser';
      const { property, exchanged } = safe(...(await boot(grant)), pass, othersBrowser);
      await holds(`callbacks to ${name}`, property);
      // Else nothing was tried that could have gone wrong.
      expect(exchanged()).toBeGreaterThan(15);
    },
    60_000,
  );

  it('nothing is sent where a parameter that counts comes more than once', async () => {
    const [client, host] = await boot('authorization_code');
    const alice = client.for('alice');
    const twice = fc
      .constantFrom('code', 'state', 'iss', 'error', 'access_token')
      .chain((name) => fc.tuple(param(name, value), param(name, fc.oneof(value, stateValue))));
    const property = fc.asyncProperty(twice, fc.boolean(), async (extra, first) => {
      const { state } = await alice.authorizationUrl();
      const good = [`code=${CODE}`, `state=${state}`];
      const more = extra.map((pair) => pair.join('=').replaceAll(STATE, state).replace('#', ''));
      const query = (first ? [...more, ...good] : [...good, ...more]).join('&');
      const authorizationResponse = `${REDIRECT_URI}?${query}`;
      const call = alice.fetchToken({ authorizationResponse });
      const error = await call.catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(OAuthClientError);
      expect(leaks(error, { secret: SECRET, code: CODE, state })).toEqual([]);
    });
    await holds('callbacks with a repeated parameter', property);
    expect(host.requests).toEqual([]);
  }, 60_000);
});
