import { inspect } from 'node:util';
import {
  ConfigurationError,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenPlacement,
} from 'nestjs-oauth-client';
import type { FakeApiAnswer, FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const boot = (
  tokenPlacement: TokenPlacement,
  more: Partial<OAuthClientOptions> = {},
): Promise<OAuthSession> => bootClient(machineClient(server, { tokenPlacement, ...more }));
const lastCall = () => server.journal.requests('api').at(-1)!;

/** Expects that nothing that a caller holds shows the token. */
function expectNoToken(value: unknown): void {
  const token = lastCall().query.get('access_token') ?? lastCall().form.get('access_token');
  expect(token).toBeTruthy();
  expect(inspect(value, { depth: 10 })).not.toContain(token);
}

describe('a token in the query', () => {
  it('is a parameter beside those of the call, and in no header', async () => {
    const session = await boot('query');
    const response = await firstValueFrom(
      session.get<FakeApiAnswer>('/things?a=1', { params: { b: ['x', 'y'], c: 'ü&' } }),
    );
    expect(response.data.query).toEqual({ a: '1', 'b[]': ['x', 'y'], c: 'ü&' });
    expect(lastCall().query.get('access_token')).toBe(await session.accessToken());
    expect(lastCall().headers.authorization).toBeUndefined();
    expect(lastCall().headers['cache-control']).toBe('no-store');
    expectNoToken(response);
    expect(response.config.url).toBe('/things?a=1');
    expect(response.config.params).toEqual({ b: ['x', 'y'], c: 'ü&' });
  });

  it('takes the place of one that the caller has put there, and of an Authorization header', async () => {
    const session = await boot('query');
    for (const params of [{ access_token: 'x' }, new URLSearchParams('access_token=x')]) {
      await firstValueFrom(
        session.get('/things?access_token=mine', { params, headers: { Authorization: 'Basic x' } }),
      );
      expect(lastCall().query.getAll('access_token')).toEqual([await session.accessToken()]);
      expect(lastCall().headers.authorization).toBeUndefined();
    }
  });

  it('is the new one on the replay', async () => {
    const session = await connectUser(
      await bootClient(userClient(server, { tokenPlacement: 'query' })),
      server,
      'alice',
    );
    server.revokeAccessTokens();
    await firstValueFrom(session.get('/things'));
    const tokens = server.journal.requests('api').map(({ query }) => query.getAll('access_token'));
    expect(tokens.map((list) => list.length)).toEqual([1, 1]);
    expect(tokens[0]).not.toEqual(tokens[1]);
  });

  it('is placed again on a redirect within the allowed origins', async () => {
    const session = await boot('query');
    server.next('api').redirect(`${server.apiUrl}/elsewhere?page=2`, 302);
    const { data } = await firstValueFrom(session.get<FakeApiAnswer>('/things'));
    expect(data).toMatchObject({ path: '/api/elsewhere', query: { page: '2' } });
    expect(lastCall().query.getAll('access_token')).toEqual([await session.accessToken()]);
  });

  it('is not handed on by an API that repeats it in a redirect to another origin', async () => {
    const other = await startServer();
    const session = await boot('query');
    const token = await session.accessToken();
    server.next('api').redirect(`${other.apiUrl}/x?access_token=${token}&page=2`, 302);
    await failure(firstValueFrom(session.get('/things')), Error);
    const [request] = other.journal.requests('api');
    expect(request!.query.get('page')).toBe('2');
    expect(request!.url).not.toContain(token);
    expect(request!.headers.authorization).toBeUndefined();
  });

  it('shows in no error', async () => {
    const session = await boot('query');
    server.next('api').respond(500);
    const error = await failure(firstValueFrom(session.get('/things')), Error);
    expectNoToken(error);
    expect(JSON.stringify(error)).not.toContain(lastCall().query.get('access_token'));
  });
});

describe('a token in the body', () => {
  it('is a field of a form, beside those of the call', async () => {
    const session = await boot('body');
    const data = new URLSearchParams({ a: 'ü&', access_token: 'mine' });
    const response = await firstValueFrom(session.post<FakeApiAnswer>('/things', data));
    expect(response.data.body).toEqual({ a: 'ü&' });
    expect(lastCall().form.getAll('access_token')).toEqual([await session.accessToken()]);
    expect(lastCall().headers.authorization).toBeUndefined();
    expectNoToken(response);
    expect(data.get('access_token')).toBe('mine');
  });

  it.each(['post', 'put', 'patch', 'delete'] as const)(
    'is the whole form of a %s without a body',
    async (method) => {
      const session = await boot('body');
      await firstValueFrom(session.request({ method, url: '/things' }));
      expect(lastCall().headers['content-type']).toContain('application/x-www-form-urlencoded');
      expect([...lastCall().form.keys()]).toEqual(['access_token']);
    },
  );

  it('is placed again on replays and redirects', async () => {
    const session = await connectUser(
      await bootClient(userClient(server, { tokenPlacement: 'body' })),
      server,
      'alice',
    );
    server.revokeAccessTokens();
    server.next('api').pass();
    server.next('api').redirect(`${server.apiUrl}/elsewhere`, 307);
    const form = new URLSearchParams({ a: '1' });
    const { data } = await firstValueFrom(session.post<FakeApiAnswer>('/things', form));
    expect(data).toMatchObject({ path: '/api/elsewhere', body: { a: '1' } });
    const sent = server.journal.requests('api').map((one) => one.form.getAll('access_token'));
    expect(sent.map((list) => list.length)).toEqual([1, 1, 1]);
    expect(sent[1]).toEqual(sent[2]);
    expect(sent[0]).not.toEqual(sent[1]);
  });

  it('cannot go beside JSON, nor on a GET: nothing is sent', async () => {
    const session = await boot('body');
    for (const call of [
      session.post('/things', { a: 1 }),
      session.postForm('/things', { a: 1 }),
      session.get('/things'),
      session.head('/things'),
    ]) {
      const error = await failure(firstValueFrom(call), ConfigurationError);
      expect(error.message).toContain('tokenPlacement');
    }
    expect(server.journal.count('api')).toBe(0);
  });
});

describe('tokenPlacement', () => {
  it('is judged at boot', async () => {
    const error = await failure(boot('cookie' as TokenPlacement), ConfigurationError);
    expect(error.problems.map(({ option }) => option)).toEqual(['tokenPlacement']);
  });
});
