import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FakeAuthorizationServer } from '../../lib/testing/fake-authorization-server.js';
import { fingerprint } from '../../lib/testing/fake-authorization-server.http.js';
import {
  BASIC,
  call,
  type Json,
  post,
  refresh,
  token,
} from './fake-authorization-server.support.js';

const FORM = { grant_type: 'client_credentials' };

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await FakeAuthorizationServer.start();
});
afterEach(() => server.stop());

describe('a script', () => {
  it('answers in place of the endpoint, first in first out, then no more', async () => {
    server.next('token').respond(429, { 'Retry-After': '2' }, 'slow').times(2);
    server.next('token').pass();
    server.next('token').respondJson(400, { error: 'made_up' });
    const first = await post(server.tokenEndpoint, FORM);
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([
      429,
      '2',
      'slow',
    ]);
    expect((await post(server.tokenEndpoint, FORM)).status).toBe(429);
    expect((await token(server, FORM)).status).toBe(200);
    expect(await token(server, FORM)).toMatchObject({ status: 400, error: 'made_up' });
    expect((await token(server, FORM)).status).toBe(200);
    expect(server.journal.entries().map((one) => one.scripted)).toEqual([
      ['respond'],
      ['respond'],
      [],
      ['respondJson'],
      undefined,
    ]);
  });

  it('may be for some requests only', async () => {
    server.next('token', ({ form }) => form.get('grant_type') === 'refresh_token').respond(500);
    const { refresh_token } = server.issueTokens();
    expect((await token(server, FORM)).status).toBe(200);
    const form = { grant_type: 'refresh_token', refresh_token: String(refresh_token) };
    expect((await post(server.tokenEndpoint, form)).status).toBe(500);
    expect(server.journal.tokenRequests('refresh_token')).toMatchObject([
      { status: 500, presented: fingerprint(String(refresh_token)) },
    ]);
    expect(server.journal.entries('token')[1]).not.toHaveProperty('spent');
  });

  it('holds any number of requests without a warning of Node', async () => {
    const warnings: Error[] = [];
    const heard = (warning: Error) => warnings.push(warning);
    process.on('warning', heard);
    onTestFinished(() => void process.off('warning', heard));
    const held = server.next('api').times(12).hold();
    const answers = Array.from({ length: 12 }, () => fetch(`${server.apiUrl}/x`));
    await held.arrivals(12);
    held.release();
    await Promise.all(answers);
    await new Promise(setImmediate); // Node warns in the next turn
    expect(warnings).toEqual([]);
    expect(held.waiting).toBe(0);
  });

  it('holds for good until it is reset; the queue comes first', async () => {
    const { access_token } = server.issueTokens();
    server.always('api').respond(401);
    server.next('api').respond(418);
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call(server, access_token)).status);
    expect(statuses).toEqual([418, 401, 401]);
    server.reset('api');
    expect((await call(server, access_token)).status).toBe(200);
  });

  it('redirects and answers rubbish', async () => {
    server.next('api').redirect('https://elsewhere.example/', 307);
    const response = await fetch(server.apiUrl, { redirect: 'manual' });
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe('https://elsewhere.example/');
    server.next('token').malformed();
    const rubbish = await post(server.tokenEndpoint, FORM);
    expect([rubbish.status, rubbish.headers.get('content-type')]).toEqual([
      200,
      'application/json',
    ]);
    await expect(rubbish.json()).rejects.toThrow(SyntaxError);
  });

  it('changes the normal answer', async () => {
    server.next('token').transformJson((json) => ({ ...json, expires_in: undefined, extra: 1 }));
    const changed = await token(server, FORM);
    expect(changed).not.toHaveProperty('expires_in');
    expect(changed).toMatchObject({ status: 200, extra: 1 });
    server.next('token').transform((response) => {
      response.status = 201;
      response.headers['X-Odd'] = 'yes';
      return response;
    });
    const odd = await post(server.tokenEndpoint, FORM);
    expect([odd.status, odd.headers.get('x-odd')]).toEqual([201, 'yes']);
    expect(server.journal.entries('token')[1]).toMatchObject({ status: 201, delivered: true });
  });

  it('reports its own failure as a 500', async () => {
    server.next('token').transform(() => {
      throw new Error('my script is wrong');
    });
    const response = await post(server.tokenEndpoint, FORM);
    expect([response.status, await response.text()]).toEqual([
      500,
      'The fake server failed: Error: my script is wrong',
    ]);
  });

  it('streams too much', async () => {
    server.next('token').oversized(3_000_000);
    const response = await post(server.tokenEndpoint, FORM);
    const text = await response.text();
    expect(text).toHaveLength(3_000_000);
    expect(JSON.parse(text)).toHaveProperty('padding');
    server.next('token').oversized(500_000_000);
    const endless = await post(server.tokenEndpoint, FORM);
    await endless.body?.cancel();
    await server.idle();
    expect(server.journal.entries()).toMatchObject([{ delivered: true }, { delivered: false }]);
  });
});

describe('a connection that is dropped', () => {
  it('before: nothing was rotated', async () => {
    const { refresh_token } = server.issueTokens();
    server.next('token').dropBefore();
    await expect(refresh(server, refresh_token)).rejects.toThrow(TypeError);
    await server.idle();
    expect(server.isLive(String(refresh_token))).toBe(true);
    const [entry] = server.journal.entries();
    expect(entry).toMatchObject({ delivered: false, scripted: ['dropBefore'] });
    expect(entry).not.toHaveProperty('status');
    expect(entry).not.toHaveProperty('spent');
  });

  it('after: the refresh token is spent, and the new one lost', async () => {
    const { refresh_token } = server.issueTokens();
    server.next('token').dropAfter();
    await expect(refresh(server, refresh_token)).rejects.toThrow(TypeError);
    expect(server.isLive(String(refresh_token))).toBe(false);
    expect(server.journal.entries()).toMatchObject([
      { rotated: true, delivered: false, issued: { refreshToken: expect.any(String) } },
    ]);
    expect(await refresh(server, refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a request that hangs', () => {
  it('goes on when it is released', async () => {
    const { refresh_token } = server.issueTokens();
    const held = server.next('token').hold();
    const answer = refresh(server, refresh_token);
    expect((await held.arrived).form.get('refresh_token')).toBe(refresh_token);
    expect(held.waiting).toBe(1);
    expect(server.isLive(String(refresh_token))).toBe(true);
    expect(server.journal.entries()).toMatchObject([{ delivered: false }]);
    held.release();
    expect((await answer).status).toBe(200);
  });

  it('may be one of several, or have been processed already', async () => {
    const held = server.next('token').times(3).hold();
    const answers = [1, 2, 3].map(() => token(server, FORM));
    await held.arrivals(3);
    held.release();
    expect((await Promise.all(answers)).map((one) => one.status)).toEqual([200, 200, 200]);

    const { refresh_token } = server.issueTokens();
    const late = server.next('token').holdAnswer();
    const answer = refresh(server, refresh_token);
    await late.arrived;
    expect(server.isLive(String(refresh_token))).toBe(false);
    server.reset();
    expect((await answer).status).toBe(200);
  });

  it('combines with other effects', async () => {
    const { refresh_token } = server.issueTokens();
    const held = server.next('token').dropAfter().hold();
    const answer = refresh(server, refresh_token);
    await held.arrived;
    expect(server.isLive(String(refresh_token))).toBe(true);
    held.release();
    await expect(answer).rejects.toThrow(TypeError);
    expect(server.isLive(String(refresh_token))).toBe(false);
  });

  it('is processed though the client has left', async () => {
    const { refresh_token } = server.issueTokens();
    const held = server.next('token').hold();
    const leaving = new AbortController();
    const form = { grant_type: 'refresh_token', refresh_token: String(refresh_token) };
    const answer = fetch(server.tokenEndpoint, {
      method: 'POST',
      headers: BASIC,
      body: new URLSearchParams(form),
      signal: leaving.signal,
    });
    await held.arrived;
    leaving.abort();
    await expect(answer).rejects.toThrow('abort');
    held.release();
    await server.idle();
    expect(server.isLive(String(refresh_token))).toBe(false);
    expect(server.journal.entries()).toMatchObject([{ rotated: true, delivered: false }]);
  });

  it('waits for a while', async () => {
    server.next('token').delay(20);
    const begun = performance.now();
    expect((await token(server, FORM)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(19);
  });

  it('does not keep the server from stopping, nor is it processed then', async () => {
    const { refresh_token } = server.issueTokens();
    const held = server.next('token').hold();
    server.next('api').delay(60_000);
    const answers = [refresh(server, refresh_token), call(server, 'x')];
    const api = server.nextRequest('api', (request) => request.path === '/api/never');
    await Promise.all([held.arrived, server.nextRequest('api')]);
    const settled = Promise.allSettled(answers);
    await server.stop();
    expect((await settled).map((one) => one.status)).toEqual(['rejected', 'rejected']);
    await expect(api).rejects.toThrow('stopped');
    expect(server.isLive(String(refresh_token))).toBe(true);
    await server.stop();
  });
});

it('tells when a request arrives', async () => {
  const held = server.next('api').hold();
  const arrival = server.nextRequest('api');
  const answer = call(server, server.issueTokens().access_token, '/soon?x=1');
  const request = await arrival;
  expect(request.path).toBe('/api/soon');
  expect(request.query.get('x')).toBe('1');
  held.release();
  expect(((await (await answer).json()) as Json).method).toBe('GET');
});
