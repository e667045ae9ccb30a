import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAuthorizationServer } from '../../lib/testing/fake-authorization-server.js';
import { fingerprint } from '../../lib/testing/fake-authorization-server.http.js';
import {
  authorizationUrl,
  call,
  codeOf,
  exchange,
  REDIRECT_URI,
  token,
  VERIFIER,
} from './fake-authorization-server.support.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await FakeAuthorizationServer.start();
});
afterEach(() => server.stop());

describe('the authorization endpoint', () => {
  it('sends the user back with a code, state and iss', async () => {
    const callback = await server.authorize(authorizationUrl(server), { subject: 'bob' });
    const { searchParams, origin, pathname } = new URL(callback);
    expect(`${origin}${pathname}`).toBe(REDIRECT_URI);
    expect([...searchParams.keys()]).toEqual(['code', 'state', 'iss']);
    expect(searchParams.get('state')).toBe('the-state');
    expect(searchParams.get('iss')).toBe(server.issuer);
    const code = codeOf(callback);
    expect(server.journal.entries()).toMatchObject([
      { client: 'client', subject: 'bob', status: 302, issued: { code: fingerprint(code) } },
    ]);
    const answer = await exchange(server, code);
    expect(answer).toMatchObject({ status: 200, scope: 'read write' });
    expect(answer.refresh_token).toEqual(expect.any(String));
    expect(await (await call(server, answer.access_token)).json()).toMatchObject({
      subject: 'bob',
      scope: ['read', 'write'],
    });
  });

  it('answers the same over HTTP, for the user of the moment', async () => {
    server.user = 'carol';
    const response = await fetch(authorizationUrl(server), { redirect: 'manual' });
    expect(response.status).toBe(302);
    await exchange(server, codeOf(response.headers.get('location') ?? ''));
    expect(server.journal.entries('token')).toMatchObject([{ subject: 'carol', status: 200 }]);
  });

  it('sends errors back to a redirect URI that is good', async () => {
    const denied = new URL(await server.authorize(authorizationUrl(server), { consent: false }));
    expect(Object.fromEntries(denied.searchParams)).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: 'the-state',
      iss: server.issuer,
    });
    const odd = await server.authorize(authorizationUrl(server, { response_type: 'magic' }));
    expect(new URL(odd).searchParams.get('error')).toBe('unsupported_response_type');
    server.register({ clientId: 'client', requirePkce: true, scope: 'read' });
    const bare = await server.authorize(authorizationUrl(server, { code_challenge: '' }));
    expect(new URL(bare).searchParams.get('error')).toBe('invalid_request');
    const wide = await server.authorize(authorizationUrl(server));
    expect(new URL(wide).searchParams.get('error')).toBe('invalid_scope');
  });

  it('sends nobody to a redirect URI that is not registered', async () => {
    server.register({ clientId: 'client', redirectUris: [`${REDIRECT_URI}?tenant=1`] });
    await expect(server.authorize(authorizationUrl(server))).rejects.toThrow('not registered');
    const unknown = authorizationUrl(server, { client_id: 'nobody' });
    expect((await fetch(unknown, { redirect: 'manual' })).status).toBe(400);
    const callback = await server.authorize(authorizationUrl(server, { redirect_uri: '' }));
    expect(callback.startsWith(`${REDIRECT_URI}?tenant=1&code=`)).toBe(true);
    const elsewhere = 'https://elsewhere.example/authorize?client_id=client';
    await expect(server.authorize(elsewhere)).rejects.toThrow('not the authorization endpoint');
  });

  it('lets the user grant something else', async () => {
    const callback = await server.authorize(authorizationUrl(server), { scope: 'read' });
    expect(await exchange(server, codeOf(callback))).toMatchObject({ scope: 'read' });
  });
});

describe('the authorization code', () => {
  it.each([
    ['a wrong verifier', {}, { code_verifier: 'w'.repeat(43) }],
    ['no verifier', {}, { code_verifier: '' }],
    ['a verifier too short', {}, { code_verifier: 'short' }],
    ['a verifier without a challenge', { code_challenge: '' }, {}],
    ['another redirect URI', {}, { redirect_uri: 'https://app.example/other' }],
    ['no redirect URI', {}, { redirect_uri: '' }],
    ['an unknown code', {}, { code: 'unknown' }],
  ])('is not exchanged with %s', async (_what, atAuthorize, atToken) => {
    const url = authorizationUrl(server, atAuthorize);
    const code = codeOf(await server.authorize(url));
    const answer = await exchange(server, code, atToken);
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('knows the plain method and requests without PKCE', async () => {
    const plain = { code_challenge: VERIFIER, code_challenge_method: 'plain' };
    const code = codeOf(await server.authorize(authorizationUrl(server, plain)));
    expect((await exchange(server, code)).status).toBe(200);
    const bare = { code_challenge: '', code_challenge_method: '' };
    const other = codeOf(await server.authorize(authorizationUrl(server, bare)));
    expect((await exchange(server, other, { code_verifier: '' })).status).toBe(200);
  });

  it('is good once; the second time takes back what it gave', async () => {
    const code = codeOf(await server.authorize(authorizationUrl(server)));
    const { access_token, refresh_token } = await exchange(server, code);
    expect(await exchange(server, code)).toMatchObject({ error: 'invalid_grant' });
    expect(server.isLive(String(access_token))).toBe(false);
    expect(server.isLive(String(refresh_token))).toBe(false);
    expect(server.journal.entries('token')).toMatchObject([{ status: 200 }, { replay: true }]);
  });

  it('expires', async () => {
    const code = codeOf(await server.authorize(authorizationUrl(server)));
    server.clock.advance(60);
    expect(await exchange(server, code)).toMatchObject({ error: 'invalid_grant' });
  });

  it('works for a public client, which may lack refresh tokens', async () => {
    server.register({ clientId: 'app', grants: ['authorization_code'] });
    const code = codeOf(await server.authorize(authorizationUrl(server, { client_id: 'app' })));
    const form = { grant_type: 'authorization_code', code, client_id: 'app' };
    const more = { redirect_uri: REDIRECT_URI, code_verifier: VERIFIER };
    const answer = await token(server, { ...form, ...more }, {});
    expect(answer.status).toBe(200);
    expect(answer).not.toHaveProperty('refresh_token');
  });
});
