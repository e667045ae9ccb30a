import { gzipSync } from 'node:zlib';
import axios from 'axios';
import { TokenEndpointError, UnsupportedTokenTypeError, type TokenKey } from 'nestjs-oauth-client';
import type { FakeScript } from 'nestjs-oauth-client/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../support/failure.js';
import { call, expiredUser } from '../support/renewal-bench.js';

const KEY: TokenKey = { client: 'client', subject: 'alice' };

describe('an odd token endpoint', () => {
  const refusals: readonly [string, (script: FakeScript) => unknown, number][] = [
    ['HTML', (script) => script.respond(200, { 'Content-Type': 'text/html' }, '<p>Hello'), 200],
    ['HTML with a 404', (script) => script.respond(404, {}, '<p>Not here'), 404],
    ['an empty body', (script) => script.respond(200), 200],
    ['an empty 401', (script) => script.respond(401, { 'WWW-Authenticate': 'Basic' }), 401],
    ['a cut JSON text', (script) => script.malformed('{"access_token":"a'), 200],
    ['a JSON list', (script) => script.respondJson(200, []), 200],
    ['JSON null', (script) => script.respondJson(200, null), 200],
    ['200 with an error', (script) => script.respondJson(200, { error: 'bad_day' }), 200],
    ['no access token', (script) => script.respondJson(200, { token_type: 'Bearer' }), 200],
    [
      'an access token that is a number',
      (script) => respondToken(script, { access_token: 7 }),
      200,
    ],
    ['an empty access token', (script) => respondToken(script, { access_token: '' }), 200],
    ['204', (script) => script.respond(204), 204],
    ['10 MB', (script) => script.oversized(10_000_000), 200],
    ['a small text that unpacks to 10 MB', (script) => bomb(script), 200],
    ['a redirect', (script) => script.redirect('https://elsewhere.example/token', 307), 307],
  ];
  it.each(refusals)('that answers %s fails with its status; the token stays', async (...row) => {
    const [, script, status] = row;
    const { bench, session } = await expiredUser();
    const before = await bench.store.get(KEY);
    script(bench.server.next('token'));
    const error = await failure(call(session), TokenEndpointError);
    expect(error).toMatchObject({ status, endpoint: 'token', client: 'client', subject: 'alice' });
    expect(error.message).not.toMatch(/<p>|at_|rt_/);
    expect(await bench.store.get(KEY)).toEqual(before);
    expect(bench.tokenRequests).toBe(1);
  });

  const successes: readonly [string, (script: FakeScript) => unknown][] = [
    ['201', (script) => script.transform((response) => ({ ...response, status: 201 }))],
    ['no token type', (script) => edit(script, { token_type: undefined })],
    ['a token type in capitals', (script) => edit(script, { token_type: 'BEARER' })],
    ['a lifetime as text', (script) => edit(script, { expires_in: '3600' })],
    ['null fields', (script) => edit(script, { scope: null, id_token: null, error: null })],
    ['empty fields', (script) => edit(script, { scope: '', id_token: '', error: '' })],
    ['a scope as a list', (script) => edit(script, { scope: ['read'] })],
    ['another content type', (script) => typed(script, 'text/plain')],
    ['form encoding', (script) => script.transform(asForm)],
  ];
  it.each(successes)('that answers %s is understood', async (_what, script) => {
    const { bench, session } = await expiredUser();
    script(bench.server.next('token'));
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('that answers a token of another type says so', async () => {
    const { bench, session } = await expiredUser();
    edit(bench.server.next('token'), { token_type: 'mac' });
    await failure(call(session), UnsupportedTokenTypeError);
    expect(await session.token()).toBeDefined();
  });

  it("sees nothing of axios' global defaults", async () => {
    axios.defaults.auth = { username: 'somebody', password: 'else' };
    axios.defaults.headers.common['X-Of-The-Application'] = 'yes';
    onTestFinished(() => {
      delete axios.defaults.auth;
      delete axios.defaults.headers.common['X-Of-The-Application'];
    });
    const { bench, session } = await expiredUser();
    expect(await session.accessToken()).toBeTruthy();
    expect(bench.server.journal.requests('token')[0]?.headers).not.toHaveProperty(
      'x-of-the-application',
    );
  });
});

function edit(script: FakeScript, changes: Record<string, unknown>): FakeScript {
  return script.transformJson((json) => ({ ...json, ...changes }));
}

function respondToken(script: FakeScript, changes: Record<string, unknown>): FakeScript {
  return script.respondJson(200, { access_token: 'token', token_type: 'Bearer', ...changes });
}

function typed(script: FakeScript, type: string): FakeScript {
  return script.transform((response) => ({
    ...response,
    headers: { ...response.headers, 'Content-Type': type },
  }));
}

function bomb(script: FakeScript): FakeScript {
  const body = gzipSync('x'.repeat(10_000_000)) as unknown as string;
  return script.respond(200, { 'Content-Encoding': 'gzip' }, body);
}

function asForm<T extends { body: string }>(response: T): T {
  const fields = JSON.parse(response.body) as Record<string, string>;
  return { ...response, headers: {}, body: String(new URLSearchParams(fields)) };
}
