import { Readable } from 'node:stream';
import {
  AuthorizationRequiredError,
  TokenEndpointError,
  type OAuthSession,
  type TokenKey,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { call, calls, expiredUser, recordEvents, RenewalBench } from '../support/renewal-bench.js';
import { answerOf, carriedTokens, lastTokenForm } from './fixtures-state.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

describe('acceptance: renewal', () => {
  it('85: 100 parallel calls at expiry: one token request, all succeed with the new token', async () => {
    const { bench, session } = await expiredUser();
    expect(await calls(session, 100)).toEqual({ 200: 100 });
    expect(bench.tokenRequests).toBe(1);
    const { accessToken } = (await session.token())!;
    expect(carriedTokens(bench.server)).toEqual(Array.from({ length: 100 }, () => accessToken));
  });

  it('87: a renewal without expires_in does not resurrect the old end', async () => {
    const { bench, session } = await expiredUser({ accessTokenSeconds: 100_000 });
    await session.setToken({ ...bench.issue(), expires_in: -10 });
    bench.server.next('token').transformJson((json) => ({ ...json, expires_in: undefined }));
    expect(await call(session)).toBe(200);
    expect((await session.token())!.expiresAt).toBeUndefined();
    bench.clock.advance(7200);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('88: a renewal with an empty refresh_token keeps the old one, which renews again', async () => {
    const { bench, session, refreshToken } = await expiredUser({ rotation: 'none' });
    bench.server.next('token').transformJson((json) => ({ ...json, refresh_token: '' }));
    expect(await call(session)).toBe(200);
    expect((await bench.store.get(KEY))!.refreshToken).toBe(refreshToken);
    bench.expire();
    expect(await call(session)).toBe(200);
    const spent = bench.server.journal.requests('token').map(({ form }) => form);
    expect(spent.map((form) => form.get('refresh_token'))).toEqual([refreshToken, refreshToken]);
  });

  it('89: query parameters and options of an API call never reach the token endpoint', async () => {
    const { bench, session, refreshToken } = await expiredUser();
    const config = {
      params: { q: 'of the call', allow: true },
      headers: { 'x-own': 'of the call', Cookie: 'own=1', 'X-Api-Version': '2' },
      timeout: 20_000,
      maxRedirects: 0,
      responseType: 'text',
      auth: undefined,
    } as const;
    await firstValueFrom(session.put('/things', { size: 3 }, config));
    const [token] = bench.server.journal.requests('token');
    expect(token!.method).toBe('POST');
    expect(token!.url).toBe(bench.server.tokenEndpoint);
    expect(Object.fromEntries(token!.form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    for (const name of ['x-own', 'cookie', 'x-api-version']) {
      expect(token!.headers).not.toHaveProperty(name);
    }
    const [api] = bench.server.journal.requests('api');
    expect(Object.fromEntries(api!.query)).toEqual({ q: 'of the call', allow: 'true' });
    expect(api!.headers['x-own']).toBe('of the call');
  });
});

describe('acceptance: failures of the token endpoint', () => {
  it('96: a 429 with Retry-After purges nothing, and says when to try again', async () => {
    const { bench, session, refreshToken } = await expiredUser();
    bench.server.next('token').respond(429, { 'Retry-After': '120' });
    const error = await failure(call(session), TokenEndpointError);
    expect(error).toMatchObject({ status: 429, retryAfter: 120 });
    expect(error.message).toContain('120 s');
    expect(bench.tokenRequests).toBe(1);
    expect(bench.server.journal.count('api')).toBe(0);
    expect((await bench.store.get(KEY))!.refreshToken).toBe(refreshToken);
  });

  it('96: the token endpoint is left alone until the time of Retry-After has come', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').respond(429, { 'Retry-After': '120' });
    await failure(call(session), TokenEndpointError);
    bench.clock.advance(60);
    const error = await failure(call(session), TokenEndpointError);
    expect(error.status).toBe(429);
    expect(error.retryAfter).toBeGreaterThan(55);
    expect(error.retryAfter).toBeLessThanOrEqual(60);
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(61);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(2);
  });

  it('96: a 429 whose Retry-After is within patience is waited for, and the call goes on', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').respond(429, { 'Retry-After': '1' });
    expect(await call(session)).toBe(200);
    const [first, second] = bench.server.journal.tokenRequests();
    expect([first!.status, second!.status]).toEqual([429, 200]);
    expect(second!.at - first!.at).toBeGreaterThan(0.95);
  });

  it('96: a 429 does not keep a token that is still valid from its calls', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.clock.advance(3600 - 30);
    bench.server.always('token').respond(429, { 'Retry-After': '120' });
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(bench.tokenRequests).toBe(1);
  });

  it('96: invalid_grant purges the token, and the typed error says that the user is needed', async () => {
    const { bench, session, refreshToken } = await expiredUser();
    bench.server.revokeFamily(refreshToken);
    const error = await failure(call(session), AuthorizationRequiredError);
    expect(error).toMatchObject({
      code: 'authorization_required',
      client: 'client',
      subject: 'alice',
      reason: 'grant_revoked',
    });
    expect(error.message).toContain('authorizationUrl()');
    expect(await bench.store.get(KEY)).toBeUndefined();
    expect(bench.server.journal.count('api')).toBe(0);
    await failure(call(session), AuthorizationRequiredError);
    expect(bench.tokenRequests).toBe(1);
  });
});

describe('acceptance: a 401 from the API', () => {
  it('98: one forced renewal and one replay, with the new token and the same body', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const before = await session.accessToken();
    bench.server.revokeAccessTokens();
    const { status } = await firstValueFrom(session.post('/things', { size: 3 }));
    expect(status).toBe(200);
    const requests = bench.server.journal.requests('api');
    expect(requests.map(({ body }) => body)).toEqual(['{"size":3}', '{"size":3}']);
    expect(carriedTokens(bench.server)).toEqual([before, await session.accessToken()]);
    expect(lastTokenForm(bench.server).get('grant_type')).toBe('refresh_token');
    expect(bench.tokenRequests).toBe(1);
  });

  it('98: a second 401 goes to the caller: no second renewal, no second replay', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const events = recordEvents(session);
    bench.server.always('api').respond(401, { 'WWW-Authenticate': 'Bearer' });
    expect(await call(session)).toBe(401);
    expect(bench.server.journal.apiCalls(401)).toHaveLength(2);
    expect(bench.tokenRequests).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['refreshed']);
  });

  it('98: a streamed body is not replayed; the next call has the renewed token', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.revokeAccessTokens();
    const anyStatus = { validateStatus: () => true };
    const { status } = await firstValueFrom(
      session.post('/things', Readable.from(['once']), anyStatus),
    );
    expect(status).toBe(401);
    expect(bench.server.journal.requests('api').map(({ body }) => body)).toEqual(['once']);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('98: a 403 is not renewed', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.next('api').respond(403, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
    expect(await call(session)).toBe(403);
    expect(bench.server.journal.count('api')).toBe(1);
    expect(bench.tokenRequests).toBe(0);
  });
});

describe('acceptance: variants', () => {
  const variantsOf = (session: OAuthSession): OAuthSession[] => [
    session,
    session.with({ scope: ['read'] }),
    session.with({ scope: ['write'] }),
    session.with({ resource: ['https://one.example'] }),
    session.with({ resource: ['https://two.example'] }),
    session.with({ audience: ['tenant-1'] }),
    session.with({ audience: ['tenant-2'] }),
  ];

  it('101: distinct scope, resource and tenant give distinct tokens, also when asked for at once', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const answers = await Promise.all(variantsOf(session).map((one) => answerOf(one)));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(7);
    const asked = bench.server.journal.requests('token').map(({ form }) => {
      return ['scope', 'resource', 'audience'].map((name) => form.get(name) ?? '').join('');
    });
    expect(asked.sort()).toEqual(
      [
        ...['', 'read', 'write', 'https://one.example'],
        ...['https://two.example', 'tenant-1', 'tenant-2'],
      ].sort(),
    );
  });

  it('101: each of them is cached for itself', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    const first = await Promise.all(variantsOf(session).map((one) => answerOf(one)));
    const again = await Promise.all(variantsOf(session).map((one) => answerOf(one)));
    expect(again.map(({ token }) => token)).toEqual(first.map(({ token }) => token));
    expect(bench.tokenRequests).toBe(7);
  });

  it("101: a user's scopes at once are requests of their own, and no refresh token is spent twice", async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: { scope: 'read write' } });
    const answers = await Promise.all([
      answerOf(session.with({ scope: ['read'] })),
      answerOf(session.with({ scope: ['write'] })),
      answerOf(session),
    ]);
    expect(answers.map(({ scope }) => scope)).toEqual([['read'], ['write'], ['read', 'write']]);
    const requests = bench.server.journal.tokenRequests('refresh_token');
    expect(requests.map(({ status, replay }) => [status, replay])).toEqual([
      [200, false],
      [200, false],
    ]);
  });
});
