import { Readable } from 'node:stream';
import { ConfigurationError, OriginNotAllowedError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';

let server: FakeAuthorizationServer;
let session: OAuthSession;

const calls = () => server.journal.requests('api');
const lastCall = () => calls().at(-1)!;

beforeEach(async () => {
  server = await startServer();
  session = await bootClient(machineClient(server));
});

describe('fetch', () => {
  it('carries the token, and joins a relative address to baseURL', async () => {
    const response = await session.fetch('/things?a=1');
    expect(response).toBeInstanceOf(Response);
    expect(response.status).toBe(200);
    expect(response.ok).toBe(true);
    expect(response.url).toBe(`${server.apiUrl}/things?a=1`);
    expect(response.redirected).toBe(false);
    expect(await response.json()).toMatchObject({ path: expect.stringContaining('/things') });
    expect(lastCall().headers).toMatchObject({
      authorization: `Bearer ${await session.accessToken()}`,
      accept: '*/*',
    });
    expect(lastCall().headers).not.toHaveProperty('content-type');
  });

  it('works detached from its session, with a URL and with a Request', async () => {
    const { fetch } = session;
    await fetch(new URL(`${server.apiUrl}/url`));
    const body = JSON.stringify({ a: 1 });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer own' };
    await fetch(new Request(`${server.apiUrl}/request`, { method: 'PUT', body, headers }));
    expect(calls().map(({ method }) => method)).toEqual(['GET', 'PUT']);
    expect(lastCall().body).toBe(body);
    expect(lastCall().headers).toMatchObject({
      'content-type': 'application/json',
      authorization: `Bearer ${await session.accessToken()}`,
    });
  });

  it.each([
    ['text', 'grüße', 'text/plain;charset=UTF-8', 'grüße'],
    [
      'form',
      new URLSearchParams({ a: '1&' }),
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=1%26',
    ],
    ['bytes', new Uint8Array([97, 98]), undefined, 'ab'],
    ['blob', new Blob(['x'], { type: 'image/png' }), 'image/png', 'x'],
  ])('sends a body as fetch does: %s', async (_kind, body, type, sent) => {
    await session.fetch('/things', { method: 'POST', body });
    expect(lastCall().headers['content-type']).toBe(type);
    expect(lastCall().body).toBe(sent);
  });

  it('sends a multipart form', async () => {
    const form = new FormData();
    form.set('name', 'ada');
    await session.fetch('/things', { method: 'POST', body: form });
    expect(lastCall().headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(lastCall().body).toContain('ada');
  });

  it('streams the answer', async () => {
    let proceed = (): void => undefined;
    const api = await startHost((_request, response) => {
      response.write('first');
      proceed = () => response.end('second');
    });
    const streaming = await bootClient(machineClient(server, { baseURL: api.origin }));
    const reader = (await streaming.fetch('/')).body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('first');
    proceed();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('second');
    expect((await reader.read()).done).toBe(true);
  });

  it('answers every status without an exception, with and without a body', async () => {
    server.next('api').respondJson(404, { message: 'gone' });
    const missing = await session.fetch('/things');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({ message: 'gone' });
    server.next('api').respond(204);
    const empty = await session.fetch('/things', { method: 'DELETE' });
    expect([empty.status, empty.body]).toEqual([204, null]);
  });

  it('keeps every set-cookie header', async () => {
    const api = await startHost((_request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']).end();
    });
    const client = await bootClient(machineClient(server, { baseURL: api.origin }));
    expect((await client.fetch('/')).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('renews after a 401 and repeats the request, its body too', async () => {
    await session.fetch('/first');
    server.revokeAccessTokens();
    const request = new Request(`${server.apiUrl}/things`, { method: 'POST', body: 'again' });
    expect((await session.fetch(request)).status).toBe(200);
    expect(calls().map(({ body }) => body)).toEqual(['', 'again', 'again']);
  });

  it('sends a stream once, and hands a 401 to the caller', async () => {
    await session.fetch('/first');
    server.revokeAccessTokens();
    const body = Readable.toWeb(Readable.from([Buffer.from('once')])) as ReadableStream;
    const init = { method: 'POST', body, duplex: 'half' } as const;
    expect((await session.fetch('/things', init)).status).toBe(401);
    expect(calls().map(({ body }) => body)).toEqual(['', 'once']);
  });

  it("is a subject's own on the session of a subject", async () => {
    const users = await bootClient(userClient(server));
    const alice = await connectUser(users, server, 'alice');
    await alice.fetch('/me');
    expect(lastCall().headers.authorization).toBe(`Bearer ${await alice.accessToken()}`);
    expect((await failure(users.fetch('/me'), ConfigurationError)).message).toContain(
      'for(userId)',
    );
  });

  it('runs the interceptors of the client, and its hooks', async () => {
    session.axiosRef.interceptors.request.use((config) => {
      config.headers.set('x-interceptor', 'yes');
      return config;
    });
    session.registerComplianceHook('protected_request', (request) => {
      request.headers.set('x-hook', 'yes');
      return request;
    });
    await session.fetch('/things');
    expect(lastCall().headers).toMatchObject({ 'x-interceptor': 'yes', 'x-hook': 'yes' });
  });

  it('refuses a foreign origin before anything is sent', async () => {
    const foreign = await startHost((_request, response) => response.end());
    await failure(session.fetch(`${foreign.origin}/x`), OriginNotAllowedError);
    expect(foreign.requests).toEqual([]);
  });
});

describe('a redirect of fetch', () => {
  it('is followed, and the answer says from where it came', async () => {
    server.next('api').redirect(`${server.apiUrl}/there?b=2`, 302);
    const response = await session.fetch('/things?a=1');
    expect(response.url).toBe(`${server.apiUrl}/there?b=2`);
    expect(response.redirected).toBe(true);
  });

  it('is the answer itself with redirect: manual, and an error with redirect: error', async () => {
    server.always('api').redirect(`${server.apiUrl}/there`, 302);
    const manual = await session.fetch('/things', { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location')]).toEqual([
      302,
      `${server.apiUrl}/there`,
    ]);
    await failure(session.fetch('/things', { redirect: 'error' }), TypeError);
  });

  it('shows no token that was placed in the query', async () => {
    const query = await bootClient(machineClient(server, { tokenPlacement: 'query' }));
    const response = await query.fetch('/things?a=1');
    expect(lastCall().query.get('access_token')).toBe(await query.accessToken());
    expect(response.url).toBe(`${server.apiUrl}/things?a=1`);
  });

  it('shows no token that a hook has put into the query, nor one that the API echoes', async () => {
    const token = await session.accessToken();
    session.registerComplianceHook('protected_request', (request) =>
      Object.assign(request, { params: { key: token } }),
    );
    const { url } = await session.fetch('/things?a=1');
    expect(lastCall().query.get('key')).toBe(token);
    expect(url).toBe(`${server.apiUrl}/things?a=1`);
    server.next('api').redirect(`${server.apiUrl}/there?b=2&echo=${token}`, 302);
    expect((await session.fetch('/things')).url).toBe(`${server.apiUrl}/there?b=2`);
  });

  it('tells another host no token that the API echoes', async () => {
    const foreign = await startHost();
    const token = await session.accessToken();
    server.next('api').redirect(`${foreign.origin}/there?b=2&key=${token}`, 302);
    await session.fetch('/things');
    expect(foreign.requests.map(({ path }) => path)).toEqual(['/there?b=2']);
  });
});

describe('what fetch rejects with', () => {
  it("is the signal's reason when aborted, before and during the call", async () => {
    const reason = new Error('left');
    const gone = failure(session.fetch('/things', { signal: AbortSignal.abort(reason) }), Error);
    expect(await gone).toBe(reason);
    const controller = new AbortController();
    const api = await startHost(() => controller.abort());
    const client = await bootClient(machineClient(server, { baseURL: api.origin }));
    const error = await failure<Error>(client.fetch('/', { signal: controller.signal }), Error);
    expect(error.name).toBe('AbortError');
  });

  it('is a TypeError when the network fails, and a TimeoutError when time is up', async () => {
    const silent = await startHost(({ path }, response) => {
      if (path === '/cut') response.destroy();
    });
    const more = { baseURL: silent.origin, http: { timeout: 50 } };
    const client = await bootClient(machineClient(server, more));
    await client.accessToken();
    const cut = await failure(client.fetch('/cut'), TypeError);
    expect(cut.message).toBe('fetch failed');
    expect((await failure<Error>(client.fetch('/silent'), Error)).name).toBe('TimeoutError');
  });
});
