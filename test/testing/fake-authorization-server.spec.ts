import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAuthorizationServer } from '../../lib/testing/fake-authorization-server.js';
import { fingerprint } from '../../lib/testing/fake-authorization-server.http.js';
import {
  authorizationUrl,
  BASIC,
  call,
  codeOf,
  exchange,
  type Json,
  post,
  refresh,
} from './fake-authorization-server.support.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await FakeAuthorizationServer.start();
});
afterEach(() => server.stop());

describe('the protected API', () => {
  it('shows the request, without the token', async () => {
    const { access_token: accessToken } = server.issueTokens({ scope: 'read' });
    const headers = {
      Authorization: `Bearer ${accessToken}`,
      'Content-Type': 'application/json',
      'X-Trace': '7',
    };
    const url = `${server.apiUrl}/things/1?a=1&b=2&b=3`;
    const response = await fetch(url, { method: 'PUT', headers, body: '{"x":[1]}' });
    const text = await response.text();
    expect(text).not.toContain(accessToken);
    expect(JSON.parse(text)).toEqual({
      method: 'PUT',
      path: '/api/things/1',
      query: { a: '1', b: ['2', '3'] },
      headers: expect.objectContaining({ 'x-trace': '7' }),
      body: { x: [1] },
      subject: 'alice',
      client: 'client',
      scope: ['read'],
      token: fingerprint(accessToken),
    });
  });

  it('takes the token from the query or a form, but in one way only', async () => {
    const { access_token } = server.issueTokens();
    const inQuery = `${server.apiUrl}?access_token=${access_token}`;
    expect(await (await fetch(inQuery)).json()).toMatchObject({ query: {}, body: null });
    const inBody = await post(server.apiUrl, { access_token, a: '1' }, {});
    expect(await inBody.json()).toMatchObject({ body: { a: '1' } });
    const both = await fetch(inQuery, { headers: { Authorization: `Bearer ${access_token}` } });
    expect(both.status).toBe(400);
    expect(both.headers.get('www-authenticate')).toContain('error="invalid_request"');
  });

  it('refuses what is missing, unknown, expired or revoked', async () => {
    const none = await fetch(`${server.apiUrl}/x`);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="fake"',
    ]);
    const [first, second, third] = ['a', 'b', 'c'].map((subject) =>
      server.issueTokens({ subject }),
    );
    expect(server.revokeAccessTokens({ subject: 'a' })).toBe(1);
    expect(server.revokeFamily('b')).toBe(1);
    const challenges = [];
    for (const one of ['rubbish', first?.access_token, second?.access_token]) {
      challenges.push((await call(server, one)).headers.get('www-authenticate'));
    }
    expect(challenges).toEqual(Array(3).fill(expect.stringContaining('error="invalid_token"')));
    expect((await call(server, third?.access_token)).status).toBe(200);
    server.clock.advance(3600);
    expect((await call(server, third?.access_token)).status).toBe(401);
    expect(server.journal.apiCalls(401)).toHaveLength(5);
    expect(server.journal.apiCalls(200)).toMatchObject([{ subject: 'c' }]);
  });

  it('lets all access tokens expire at once, the refresh tokens not', async () => {
    const { access_token, refresh_token } = server.issueTokens();
    expect(server.expireAccessTokens()).toBe(1);
    expect((await call(server, access_token)).status).toBe(401);
    expect((await refresh(server, refresh_token)).status).toBe(200);
  });
});

describe('revocation and introspection', () => {
  it('tell the truth about a token', async () => {
    const { access_token, refresh_token } = server.issueTokens({ scope: 'a' });
    const introspect = async (value: string) => {
      return (await (await post(server.introspectionEndpoint, { token: value })).json()) as Json;
    };
    expect(await introspect(access_token)).toMatchObject({
      active: true,
      client_id: 'client',
      sub: 'alice',
      scope: 'a',
      token_type: 'Bearer',
      exp: expect.any(Number),
    });
    expect((await post(server.revocationEndpoint, { token: access_token })).status).toBe(200);
    expect(await introspect(access_token)).toEqual({ active: false });
    expect(await introspect(String(refresh_token))).toMatchObject({ active: true });
    expect((await post(server.revocationEndpoint, { token: String(refresh_token) })).status).toBe(
      200,
    );
    expect(await introspect(String(refresh_token))).toEqual({ active: false });
    expect((await post(server.revocationEndpoint, { token: 'unknown' })).status).toBe(200);
    expect((await post(server.revocationEndpoint, { token: 'x' }, {})).status).toBe(401);
  });
});

describe('addresses', () => {
  it('are in the discovery documents', async () => {
    const paths = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
    for (const path of paths) {
      expect(await (await fetch(`${server.url}${path}`)).json()).toMatchObject({
        issuer: server.issuer,
        token_endpoint: server.tokenEndpoint,
        jwks_uri: server.jwksUri,
        authorization_response_iss_parameter_supported: true,
      });
    }
    server.configure({ metadata: { issuer: 'https://evil.example', jwks_uri: undefined } });
    const bent = (await (await fetch(`${server.url}${paths[0]}`)).json()) as Json;
    expect(bent.issuer).toBe('https://evil.example');
    expect(bent).not.toHaveProperty('jwks_uri');
  });

  it('may have a path, and the API an origin of its own', async () => {
    const other = await FakeAuthorizationServer.start({ issuerPath: '/tenant', separateApi: true });
    try {
      expect(other.issuer).toBe(`${other.url}/tenant`);
      const known = '/.well-known/oauth-authorization-server/tenant';
      expect((await fetch(`${other.url}${known}`)).status).toBe(200);
      expect(new URL(other.apiUrl).origin).not.toBe(other.url);
      const { access_token, refresh_token } = other.issueTokens();
      expect((await call(other, access_token)).status).toBe(200);
      expect((await fetch(`${other.url}/api/x`)).status).toBe(404);
      expect((await fetch(`${new URL(other.apiUrl).origin}/tenant/token`)).status).toBe(404);
      expect((await refresh(other, refresh_token)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });
});

it('keeps the raw requests, and shows little of itself', async () => {
  const code = codeOf(await server.authorize(authorizationUrl(server)));
  const answer = await exchange(server, code);
  await call(server, answer.access_token);
  const [request] = server.journal.requests('token');
  expect(request?.form.get('code')).toBe(code);
  expect(request?.headers.authorization).toBe(BASIC.Authorization);
  expect(request?.rawHeaders).toContain(BASIC.Authorization);
  expect(request?.url).toBe(server.tokenEndpoint);
  expect(server.journal.count()).toBe(3);
  const shown = [server, server.journal, server.journal.entries()];
  for (const text of shown.flatMap((one) => [inspect(one), JSON.stringify(one)])) {
    expect(text).not.toContain(answer.access_token);
    expect(text).not.toContain(code);
  }
  expect(inspect(server).length + JSON.stringify(server).length).toBeLessThan(200);
  server.journal.clear();
  expect(server.journal.entries()).toEqual([]);
});
