import {
  ConfigurationError,
  OAuthClientError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { leaks } from '../support/leaks.js';
import { bootFailure } from './options.boot.js';

const SECRET = 'client-secret-5vXc9Rb2';
const REFRESH = 'stored-refresh-9PqB4z';
const CREDENTIALS = Buffer.from(`client:${SECRET}`).toString('base64');

/** What a renewal fails with at a token endpoint that answers this. */
async function refreshFailure(
  body: string,
  { status = 200, type = 'application/json' } = {},
): Promise<unknown> {
  const host = await startHost((_request, response) =>
    response.writeHead(status, { 'Content-Type': type }).end(body),
  );
  const alice: OAuthSession = (
    await bootClient({
      clientId: 'client',
      clientSecret: SECRET,
      tokenEndpoint: `${host.origin}/token`,
      allowInsecureHttp: true,
    })
  ).for('alice');
  await alice.setToken({ access_token: 'a', token_type: 'Bearer', refresh_token: REFRESH });
  return alice.refreshToken().then(
    () => undefined,
    (error: unknown) => error,
  );
}

const nested = (depth: number): string =>
  `{"access_token":"b","token_type":"Bearer","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('a token response', () => {
  // token-endpoint.ts: Response.json() of the answer; and, less deep, frozenCopy() of `raw`.
  it.each([3_500, 9_000])('that nests %i lists is a token or an error of ours', async (depth) => {
    const error = await refreshFailure(nested(depth));
    expect(error).toSatisfy((one) => one === undefined || one instanceof OAuthClientError);
  });

  it('whose Content-Type says the refresh token back shows it nowhere', async () => {
    const error = await refreshFailure('x', { type: REFRESH });
    expect(leaks(error, { refresh: REFRESH })).toEqual([]);
  });

  it('whose Content-Type is long has a short message', async () => {
    const error = (await refreshFailure('x', { type: 'x'.repeat(5_000) })) as Error;
    expect(error.message.length).toBeLessThan(1_000);
  });

  it('that says the credentials of the Basic header back shows them nowhere', async () => {
    const body = JSON.stringify({ error: 'x', error_description: `not good: ${CREDENTIALS}` });
    const error = await refreshFailure(body, { status: 400 });
    expect(leaks(error, { credentials: CREDENTIALS })).toEqual([]);
  });
});

/** UTF-8 in a Location, as Node reads it: with letters that are no digits any more. */
const MISREAD = Buffer.from('http://１２７.0.0.1/').toString('latin1');

describe('a redirect', () => {
  // redirects.ts, next(): what URL.canParse() has let through is given to new URL(). Compiled, after
  // some thousand calls, Node 20's canParse() takes latin1 for UTF-8: here it does so at once.
  it('to what is no address ends with an error of axios', async () => {
    const canParse = URL.canParse.bind(URL);
    const spy = vi.spyOn(URL, 'canParse');
    spy.mockImplementation((text, base) => text === MISREAD || canParse(text, base));
    onTestFinished(() => spy.mockRestore());
    const host = await startHost((_request, response) =>
      response.writeHead(302, { Location: MISREAD }).end(),
    );
    const client = await bootClient({
      clientId: 'client',
      clientSecret: SECRET,
      tokenEndpoint: `${host.origin}/token`,
      baseURL: host.origin,
      allowInsecureHttp: true,
    });
    const alice = client.for('alice');
    await alice.setToken({ access_token: 'a', token_type: 'Bearer' });
    const error = await failure(firstValueFrom(alice.get('/x')), Error);
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 302 } });
  });
});

describe('options', () => {
  const good: OAuthClientOptions = {
    clientId: 'client',
    clientSecret: SECRET,
    tokenEndpoint: 'https://login.example/token',
    baseURL: 'https://api.example',
  };
  const client = (more: object) => ({ clients: { client: { ...good, ...more } } });
  const unlisted: string[] = [];
  unlisted.length = 1;

  const crashing: Record<string, unknown> = {
    // option-addresses.ts, addressProblems(): the expression is tried before the type.
    'a redirectUri that is a symbol': client({ redirectUri: Symbol('x') }),
    'a redirectUri that has no text': client({ redirectUri: Object.create(null) as object }),
    // option-addresses.ts, originProblems(): flatMap() and every() pass over holes.
    'a hole in allowedOrigins': client({ allowedOrigins: unlisted }),
    'a hole in fixes': client({ fixes: unlisted }),
    // option-values.ts, httpProblems(): FlightDeck asks axios for it, which throws its own.
    'an http.adapter that does not exist': client({ http: { adapter: 'x' } }),
    // option-values.ts, numberProblems(): the LRU cache takes whole numbers that fit an array.
    'a fraction as cache.maxEntries': { ...client({}), cache: { maxEntries: 1.5 } },
    'a huge cache.maxEntries': { ...client({}), cache: { maxEntries: 1e15 } },
  };
  async function expectListed(given: unknown): Promise<void> {
    const error = await bootFailure(given);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as ConfigurationError).problems.length).toBeGreaterThan(0);
  }
  it.each(Object.entries(crashing))('with %s are a ConfigurationError', async (_, given) =>
    expectListed(given),
  );

  // What is undefined took the place of the default: the LRU cache refused to be made.
  it('that are undefined count as left out', async () => {
    const nothing = { cache: { maxEntries: undefined, maxAgeSeconds: undefined } };
    expect(await bootFailure({ ...client({}), ...nothing })).toBeUndefined();
  });

  // oauth-client.module.ts, forRoot().
  it('that are not there at all are a ConfigurationError', () => expectListed(undefined));
});
