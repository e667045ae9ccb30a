import { createHash } from 'node:crypto';
import type { OAuthClientOptions, OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { startServer, userClient } from '../support/application.js';
import { bootKind, tokenRequest, visit } from './fixtures-fetch.js';

// The first pair is from RFC 7636, appendix B.
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const boot = (
  grant: 'authorization_code' | 'implicit',
  more: Partial<OAuthClientOptions> = {},
): Promise<OAuthSession> => bootKind(grant, userClient(server, more));

/** The query of the last request at the authorization endpoint. */
const asked = () => server.journal.requests('authorize').at(-1)!.query;

describe('the authorization URL', () => {
  it('12: holds client id, the state that is returned and response_type code; the query of the endpoint is kept', async () => {
    const alice = await boot('authorization_code', {
      authorizationEndpoint: `${server.authorizationEndpoint}?tenant=acme&audience=api`,
    });
    const { url, state } = await alice.authorizationUrl();
    const callback = new URL(await visit(url));
    expect(asked().get('client_id')).toBe('client');
    expect(asked().get('response_type')).toBe('code');
    expect(asked().get('state')).toBe(state);
    expect(asked().get('tenant')).toBe('acme');
    expect(asked().get('audience')).toBe('api');
    expect(callback.searchParams.get('state')).toBe(state);
    expect(callback.searchParams.get('code')).toBeTruthy();
  });

  it('12: has a state of its own each time, and it is not empty', async () => {
    const alice = await boot('authorization_code');
    const [first, second] = [await alice.authorizationUrl(), await alice.authorizationUrl()];
    expect(first.state).toMatch(/^[\w-]{43}$/);
    expect(second.state).not.toBe(first.state);
  });

  it('13: asks for response_type token with the implicit grant', async () => {
    const alice = await boot('implicit');
    const { url, state } = await alice.authorizationUrl();
    const callback = new URL(await visit(url));
    expect(asked().get('response_type')).toBe('token');
    expect(asked().get('client_id')).toBe('client');
    expect(asked().get('state')).toBe(state);
    expect(new URLSearchParams(callback.hash.slice(1)).get('access_token')).toBeTruthy();
  });

  it('14: holds challenge and method S256 with the authorization code grant, a new one each time', async () => {
    const alice = await boot('authorization_code', { pkce: 'S256' });
    const challenges: (string | null)[] = [];
    for (let flow = 0; flow < 2; flow += 1) {
      await visit((await alice.authorizationUrl()).url);
      expect(asked().get('code_challenge_method')).toBe('S256');
      challenges.push(asked().get('code_challenge'));
    }
    expect(challenges[0]).toMatch(/^[\w-]{43}$/);
    expect(challenges[1]).toMatch(/^[\w-]{43}$/);
    expect(challenges[0]).not.toBe(challenges[1]);
  });

  it('14: port: holds no challenge with the implicit grant, which has no code to prove', async () => {
    const alice = await boot('implicit', { pkce: 'S256' });
    await visit((await alice.authorizationUrl()).url);
    expect(asked().has('code_challenge')).toBe(false);
    expect(asked().has('code_challenge_method')).toBe(false);
  });

  it('14: port: with plain PKCE the verifier itself is the challenge, as it is at the exchange', async () => {
    const alice = await boot('authorization_code', { pkce: 'plain' });
    const authorizationResponse = await visit((await alice.authorizationUrl()).url);
    expect(asked().get('code_challenge_method')).toBe('plain');
    await alice.fetchToken({ authorizationResponse });
    expect(tokenRequest(server).form.get('code_verifier')).toBe(asked().get('code_challenge'));
  });

  it('15: has state, redirect_uri and scope of the call, and prompt of the configuration', async () => {
    const alice = await boot('authorization_code', {
      scope: ['read'],
      authorizationParams: { prompt: 'consent' },
    });
    const { url, state } = await alice.authorizationUrl({
      state: 'my-own-state',
      redirectUri: 'https://app.example/another',
      scope: ['read', 'write'],
    });
    const callback = await visit(url);
    expect(state).toBe('my-own-state');
    expect(asked().getAll('state')).toEqual(['my-own-state']);
    expect(asked().getAll('redirect_uri')).toEqual(['https://app.example/another']);
    expect(asked().getAll('scope')).toEqual(['read write']);
    expect(asked().getAll('prompt')).toEqual(['consent']);
    expect(callback).toMatch(/^https:\/\/app\.example\/another\?/);
  });

  it('15: port: a state of the call is remembered, and the redirect_uri of the call is exchanged', async () => {
    const alice = await boot('authorization_code');
    const { url } = await alice.authorizationUrl({
      state: 'my-own-state',
      redirectUri: 'https://app.example/another',
    });
    await alice.fetchToken({ authorizationResponse: await visit(url) });
    expect(tokenRequest(server).form.get('redirect_uri')).toBe('https://app.example/another');
    expect(await alice.authorized()).toBe(true);
  });

  it('16: holds the S256 challenge of a verifier that the call supplies', async () => {
    const alice = await boot('authorization_code', { pkce: 'S256' });
    const { url } = await alice.authorizationUrl({ codeVerifier: VERIFIER });
    const authorizationResponse = await visit(url);
    expect(asked().get('code_challenge')).toBe(CHALLENGE);
    expect(asked().get('code_challenge_method')).toBe('S256');
    expect(url).not.toContain(VERIFIER);
    await alice.fetchToken({ authorizationResponse });
    expect(tokenRequest(server).form.get('code_verifier')).toBe(VERIFIER);
  });

  it('16: port: holds a challenge without a verifier of the call, too, and it is of the one that is exchanged', async () => {
    const alice = await boot('authorization_code');
    const authorizationResponse = await visit((await alice.authorizationUrl()).url);
    await alice.fetchToken({ authorizationResponse });
    const verifier = tokenRequest(server).form.get('code_verifier')!;
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    expect(asked().get('code_challenge')).toBe(challenge);
  });
});
