import { createHash } from 'node:crypto';
import {
  ConfigurationError,
  type AuthorizationUrlOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const boot = (more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> =>
  bootClient(userClient(server, more));

async function queryOf(session: OAuthSession, options?: AuthorizationUrlOptions) {
  const { url } = await session.authorizationUrl(options);
  return new URL(url).searchParams;
}

/** Goes the whole way, and returns the form of the token request. */
async function connect(session: OAuthSession, options?: AuthorizationUrlOptions) {
  const { url } = await session.authorizationUrl(options);
  const authorizationResponse = await server.authorize(url);
  await session.completeAuthorization({ authorizationResponse });
  return server.journal.requests('token').at(-1)!.form;
}

describe('the way out', () => {
  it('asks for a code, for this client, with the scope, and a state of 256 random bits', async () => {
    const alice = (await boot({ scope: ['read', 'write'] })).for('alice');
    const { url, state } = await alice.authorizationUrl();
    expect(url.startsWith(`${server.authorizationEndpoint}?`)).toBe(true);
    const query = new URL(url).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      client_id: 'client',
      redirect_uri: 'https://app.example/callback',
      scope: 'read write',
      state,
    });
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    expect((await alice.authorizationUrl()).state).not.toBe(state);
    expect(await alice.newState()).toHaveLength(state.length);
  });

  it('keeps the query of the endpoint, and further parameters with their repeats', async () => {
    const alice = (
      await boot({
        authorizationEndpoint: `${server.authorizationEndpoint}?tenant=1`,
        authorizationParams: { prompt: 'consent', audience: 'a' },
      })
    ).for('alice');
    const params = { resource: ['https://one', 'https://two'], audience: 'b', none: undefined };
    const query = await queryOf(alice, { params });
    expect(query.get('tenant')).toBe('1');
    expect(query.get('prompt')).toBe('consent');
    expect(query.getAll('audience')).toEqual(['b']);
    expect(query.getAll('resource')).toEqual(['https://one', 'https://two']);
    expect(query.has('none')).toBe(false);
  });

  it('sends the redirect URI of the call, and the same again with the code', async () => {
    const alice = (await boot()).for('alice');
    const redirectUri = 'https://app.example/other?fixed=1';
    const form = await connect(alice, { redirectUri });
    expect(form.get('redirect_uri')).toBe(redirectUri);
    expect(await alice.authorized()).toBe(true);
  });

  it('is an error on a client that acts for itself', async () => {
    const session = await bootClient(machineClient(server));
    for (const call of [
      session.authorizationUrl(),
      session.completeAuthorization({ authorizationResponse: '?code=1&state=2' }),
    ]) {
      await failure(call, ConfigurationError);
    }
  });
});

describe('the proof key', () => {
  it('is a hash on the way out, and its verifier on the way back', async () => {
    const alice = (await boot()).for('alice');
    const { url } = await alice.authorizationUrl();
    const query = new URL(url).searchParams;
    const authorizationResponse = await server.authorize(url);
    await alice.completeAuthorization({ authorizationResponse });
    const verifier = server.journal.requests('token').at(-1)!.form.get('code_verifier')!;
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect(url).not.toContain(verifier);
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.get('code_challenge')).toBe(
      createHash('sha256').update(verifier).digest('base64url'),
    );
  });

  it('can be plain, for servers that know no other', async () => {
    const alice = (await boot({ pkce: 'plain' })).for('alice');
    const query = await queryOf(alice);
    expect(query.get('code_challenge_method')).toBe('plain');
    expect((await connect(alice)).get('code_verifier')).toMatch(/^[\w.~-]{43,128}$/);
  });

  it('can be switched off, and then nothing of it is sent', async () => {
    const alice = (await boot({ pkce: false })).for('alice');
    const query = await queryOf(alice);
    expect([...query.keys()].filter((name) => name.startsWith('code_'))).toEqual([]);
    expect((await connect(alice)).has('code_verifier')).toBe(false);
  });
});

describe('a state of the application', () => {
  it('is sent as it is, and refused a second time, used or not', async () => {
    const alice = (await boot()).for('alice');
    expect((await alice.authorizationUrl({ state: 'my-state' })).state).toBe('my-state');
    const again = await failure(alice.authorizationUrl({ state: 'my-state' }), ConfigurationError);
    expect(again.message).toContain('used before');
    await connect(alice, { state: 'another' });
    await failure(alice.authorizationUrl({ state: 'another' }), ConfigurationError);
  });

  it('can be made by a function', async () => {
    const states = ['first', 'second', 'second'];
    const alice = (await boot({ state: async () => states.shift()! })).for('alice');
    expect((await alice.authorizationUrl()).state).toBe('first');
    expect((await alice.authorizationUrl()).state).toBe('second');
    await failure(alice.authorizationUrl(), ConfigurationError);
  });

  it.each(['', undefined, 7])('is refused when a function makes %j of it', async (made) => {
    const alice = (await boot({ state: () => made as string })).for('alice');
    await failure(alice.authorizationUrl(), ConfigurationError);
  });
});

describe('where to return to', () => {
  it.each(['/settings', '/', '/a?b=c&d=https://x#e', '/ünï/%2F%2Fevil'])(
    'comes back as it was given: %j',
    async (returnTo) => {
      const alice = (await boot()).for('alice');
      const { url } = await alice.authorizationUrl({ returnTo });
      expect(url).not.toContain('returnTo');
      const authorizationResponse = await server.authorize(url);
      const completed = await alice.completeAuthorization({ authorizationResponse });
      expect(completed.returnTo).toBe(returnTo);
    },
  );

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/a\\b',
    'https://evil.example',
    'javascript:alert(1)',
    'settings',
    '',
    ' /settings',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a\r\nSet-Cookie: b',
    '/\u0000',
    null,
    ['/settings'],
    { toString: () => '/settings' },
  ])('is refused where it would leave the application: %j', async (returnTo) => {
    const alice = (await boot()).for('alice');
    const call = alice.authorizationUrl({ returnTo: returnTo as string });
    const error = await failure(call, ConfigurationError);
    expect(error.message).toContain('returnTo');
  });

  it('is told with the error when the user refuses', async () => {
    const alice = (await boot()).for('alice');
    const { url } = await alice.authorizationUrl({ returnTo: '/settings' });
    const authorizationResponse = await server.authorize(url, { consent: false });
    const call = alice.completeAuthorization({ authorizationResponse });
    await expect(call).rejects.toMatchObject({ error: 'access_denied', returnTo: '/settings' });
  });
});

describe('the ID token', () => {
  it('is asked for with a nonce, and its claims are judged and kept', async () => {
    server = await startServer({ idTokenAlg: 'RS256' });
    const alice = (await boot({ issuer: server.issuer, scope: ['openid'] })).for('alice');
    const { url } = await alice.authorizationUrl();
    const nonce = new URL(url).searchParams.get('nonce');
    const authorizationResponse = await server.authorize(url, { subject: 'alice@server' });
    const { token } = await alice.completeAuthorization({ authorizationResponse });
    expect(token.claims).toMatchObject({ sub: 'alice@server', nonce, iss: server.issuer });
  });

  it('of another flow is refused, and nothing is stored', async () => {
    server = await startServer({ idTokenAlg: 'RS256' });
    const alice = (await boot({ issuer: server.issuer, scope: ['openid'] })).for('alice');
    const { url } = await alice.authorizationUrl();
    const changed = new URL(url);
    changed.searchParams.set('nonce', 'of-another-flow');
    const authorizationResponse = await server.authorize(changed);
    const call = alice.completeAuthorization({ authorizationResponse });
    await expect(call).rejects.toMatchObject({ code: 'token_endpoint' });
    expect(await alice.token()).toBeUndefined();
  });

  it('is kept and not judged where no issuer is known', async () => {
    const alice = (await boot({ scope: ['openid'] })).for('alice');
    await connect(alice);
    const token = await alice.token();
    expect(token?.raw['id_token']).toEqual(expect.any(String));
    expect([token?.claims, token?.idToken]).toEqual([undefined, undefined]);
  });
});
