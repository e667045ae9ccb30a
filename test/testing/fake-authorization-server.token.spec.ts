import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await FakeAuthorizationServer.start();
});
afterEach(() => server.stop());

describe('the token endpoint', () => {
  it('gives a client credentials token that the API takes', async () => {
    const form = {
      grant_type: 'client_credentials',
      scope: 'read',
      resource: 'https://api.example',
    };
    const response = await post(server.tokenEndpoint, form);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('application/json');
    const answer = (await response.json()) as Json;
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'read',
    });
    expect((await call(server, answer.access_token)).status).toBe(200);
    expect(server.journal.tokenRequests('client_credentials')).toMatchObject([
      {
        client: 'client',
        subject: 'client',
        status: 200,
        delivered: true,
        resource: ['https://api.example'],
        issued: { accessToken: fingerprint(String(answer.access_token)) },
      },
    ]);
  });

  it.each([
    ['a wrong secret', { Authorization: `Basic ${btoa('client:wrong')}` }, {}, true],
    ['an unknown client', { Authorization: `Basic ${btoa('nobody:secret')}` }, {}, true],
    ['a wrong secret in the body', {}, { client_id: 'client', client_secret: 'wrong' }, false],
    ['no authentication', {}, { client_id: 'client' }, false],
    ['no client', {}, {}, false],
  ])('answers invalid_client to %s', async (_what, headers, fields, isBasic) => {
    const form = { grant_type: 'client_credentials', ...fields };
    const response = await post(server.tokenEndpoint, form, headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(isBasic ? 'Basic realm="fake"' : null);
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    expect(server.journal.entries()).toMatchObject([{ status: 401, error: 'invalid_client' }]);
  });

  it('decodes Basic credentials as RFC 6749 wants, or not at all', async () => {
    const clientSecret = 'p+%25:ä b';
    server.register({ clientId: 'a:b', clientSecret });
    server.register({ clientId: 'raw', clientSecret, basicEncoding: 'raw' });
    const form = { grant_type: 'client_credentials' };
    const basic = (text: string) => ({
      Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    const encoded = [encodeURIComponent('a:b'), encodeURIComponent(clientSecret)].join(':');
    expect((await token(server, form, basic(encoded))).status).toBe(200);
    expect((await token(server, form, basic(`a:b:${clientSecret}`))).status).toBe(401);
    expect((await token(server, form, basic(`raw:${clientSecret}`))).status).toBe(200);
    expect((await token(server, form, basic('raw:p%2B%2525%3A%C3%A4%20b'))).status).toBe(401);
  });

  it('holds a client to what it is registered for', async () => {
    const clientSecret = 's';
    const only = ['client_credentials'];
    server.register({ clientId: 'post', clientSecret, authentication: 'client_secret_post' });
    server.register({ clientId: 'few', clientSecret, grants: only, scope: ['a', 'b'] });
    server.register({ clientId: 'public' });
    const form = { grant_type: 'client_credentials', client_secret: clientSecret };
    const basic = { Authorization: `Basic ${btoa('post:s')}` };
    expect((await token(server, { ...form, client_id: 'post' }, {})).status).toBe(200);
    expect((await token(server, { grant_type: 'client_credentials' }, basic)).status).toBe(401);
    expect(await token(server, { ...form, client_id: 'few' }, {})).toMatchObject({ scope: 'a b' });
    const beyond = await token(server, { ...form, client_id: 'few', scope: 'a c' }, {});
    expect(beyond).toMatchObject({ status: 400, error: 'invalid_scope' });
    const password = { ...form, client_id: 'few', grant_type: 'password' };
    expect(await token(server, password, {})).toMatchObject({ error: 'unauthorized_client' });
    const open = { grant_type: 'client_credentials', client_id: 'public' };
    expect(await token(server, open, {})).toMatchObject({ error: 'unauthorized_client' });
  });

  it('is strict about the form of a request', async () => {
    const twice = [
      ['grant_type', 'client_credentials'],
      ['scope', 'a'],
      ['scope', 'b'],
    ] as [string, string][];
    const errors = await Promise.all([
      post(server.tokenEndpoint, twice),
      post(server.tokenEndpoint, {}),
      post(server.tokenEndpoint, { grant_type: 'telepathy' }),
      post(server.tokenEndpoint, { grant_type: 'client_credentials', client_secret: 'secret' }),
      fetch(server.tokenEndpoint, { method: 'POST', headers: BASIC, body: '{}' }),
      fetch(`${server.tokenEndpoint}?grant_type=client_credentials`, { headers: BASIC }),
    ]);
    expect(
      await Promise.all(errors.map(async (one) => ((await one.json()) as Json).error)),
    ).toEqual([
      'invalid_request',
      'invalid_request',
      'unsupported_grant_type',
      'invalid_request',
      'invalid_request',
      'method_not_allowed',
    ]);
    server.configure({ lenientTokenRequests: true });
    const url = `${server.tokenEndpoint}?grant_type=client_credentials`;
    expect((await fetch(url, { headers: BASIC })).status).toBe(200);
  });
});

describe('refresh tokens', () => {
  it('rotate, and reuse revokes the family', async () => {
    const first = server.issueTokens({ subject: 'bob', scope: 'read write' });
    const second = await refresh(server, first.refresh_token);
    expect(second).toMatchObject({ status: 200, scope: 'read write' });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = await refresh(server, first.refresh_token);
    expect(third).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await refresh(server, second.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect((await call(server, second.access_token)).status).toBe(401);
    const spent = fingerprint(String(first.refresh_token));
    expect(server.journal.tokenRequests('refresh_token')).toMatchObject([
      { spent, replay: false, rotated: true, subject: 'bob', family: 'family-1' },
      { spent, replay: true, status: 400, error: 'invalid_grant', family: 'family-1' },
      { replay: false, error: 'invalid_grant' },
    ]);
  });

  it('may be used again with rotation "reuse", and stay with "none"', async () => {
    const { refresh_token } = server.issueTokens();
    server.configure({ rotation: 'none' });
    expect(await refresh(server, refresh_token)).not.toHaveProperty('refresh_token');
    server.configure({ rotation: 'reuse' });
    for (let i = 0; i < 2; i += 1) {
      expect(await refresh(server, refresh_token)).toHaveProperty('refresh_token');
    }
    expect(server.journal.entries('token').map((one) => one.replay)).toEqual([false, false, true]);
  });

  it('have a grace period and an end, by the clock', async () => {
    server.configure({ rotationGraceSeconds: 30, refreshTokenSeconds: 1000 });
    const { refresh_token } = server.issueTokens();
    expect((await refresh(server, refresh_token)).status).toBe(200);
    server.clock.advance(29);
    const { refresh_token: last, status } = await refresh(server, refresh_token);
    expect(status).toBe(200);
    expect(server.isLive(String(last))).toBe(true);
    server.clock.advance(1000);
    expect(server.isLive(String(last))).toBe(false);
    expect(await refresh(server, last)).toMatchObject({ error: 'invalid_grant' });
  });

  it('may be narrowed, never widened, and belong to their client', async () => {
    server.configure({ rotation: 'none' });
    server.register({ clientId: 'other', clientSecret: 'x' });
    const { refresh_token } = server.issueTokens({ scope: 'a b' });
    const form = { grant_type: 'refresh_token', refresh_token: String(refresh_token) };
    expect(await refresh(server, refresh_token, { scope: 'a' })).toMatchObject({ scope: 'a' });
    expect(await refresh(server, refresh_token)).toMatchObject({ scope: 'a b' });
    const wider = await refresh(server, refresh_token, { scope: 'a c' });
    expect(wider).toMatchObject({ error: 'invalid_scope' });
    const other = { Authorization: `Basic ${btoa('other:x')}` };
    expect(await token(server, form, other)).toMatchObject({ error: 'invalid_grant' });
    expect(server.isLive(String(refresh_token))).toBe(true);
  });
});
