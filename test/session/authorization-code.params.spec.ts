import {
  ConfigurationError,
  type AuthorizationUrlOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const boot = async (more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> =>
  (await bootClient(userClient(server, more))).for('alice');

async function refusal(session: OAuthSession, options?: AuthorizationUrlOptions): Promise<string> {
  return (await failure(session.authorizationUrl(options), ConfigurationError)).message;
}

const OWN: [name: string, option: string][] = [
  ['redirect_uri', 'redirectUri'],
  ['client_id', 'clientId'],
  ['scope', 'option scope'],
  ['response_type', 'grant'],
  ['state', 'option state'],
  ['code_challenge', 'codeVerifier'],
  ['code_challenge_method', 'pkce'],
];

describe('further parameters of an authorization request', () => {
  it.each(OWN)('do not override %s, which %s decides', async (name, option) => {
    const message = await refusal(await boot(), { params: { [name]: 'other' } });
    expect(message).toContain(`"${name}" in params`);
    expect(message).toContain(option);
  });

  it.each(OWN)('of the client do not override %s, which %s decides', async (name, option) => {
    const message = await refusal(await boot({ authorizationParams: { [name]: 'other' } }));
    expect(message).toContain(`"${name}" in authorizationParams`);
    expect(message).toContain(option);
  });

  it('do not override the nonce by which an ID token is judged', async () => {
    server = await startServer({ idTokenAlg: 'RS256' });
    const alice = await boot({ issuer: server.issuer, scope: ['openid'] });
    expect(await refusal(alice, { params: { nonce: 'other' } })).toContain('"nonce"');
  });

  it('may bring a nonce where no ID token is judged', async () => {
    const { url } = await (await boot()).authorizationUrl({ params: { nonce: 'mine' } });
    expect(new URL(url).searchParams.getAll('nonce')).toEqual(['mine']);
  });

  it('may say what the flow says anyway', async () => {
    const alice = await boot({ authorizationParams: { response_type: 'code' } });
    const { url } = await alice.authorizationUrl({ params: { client_id: 'client' } });
    expect(new URL(url).searchParams.getAll('response_type')).toEqual(['code']);
  });

  it('spend no state when they are refused', async () => {
    const alice = await boot();
    await refusal(alice, { state: 'mine', params: { scope: 'other' } });
    expect((await alice.authorizationUrl({ state: 'mine' })).state).toBe('mine');
  });
});

describe('a verifier of the application', () => {
  it.each(['a'.repeat(43), '-._~'.repeat(32)])('is used: %s', async (codeVerifier) => {
    const alice = await boot();
    const { url } = await alice.authorizationUrl({ codeVerifier });
    await alice.completeAuthorization({ authorizationResponse: await server.authorize(url) });
    expect(server.journal.requests('token')[0]!.form.get('code_verifier')).toBe(codeVerifier);
  });

  it.each([
    ['empty', ''],
    ['too short', 'a'.repeat(42)],
    ['too long', 'a'.repeat(129)],
    ['of other characters', 'ä'.repeat(43)],
    ['ended by a new line', `${'a'.repeat(43)}\n`],
    ['no text', 7 as unknown as string],
  ])('is refused when it is %s', async (_what, codeVerifier) => {
    const alice = await boot();
    expect(await refusal(alice, { codeVerifier })).toContain('codeVerifier');
    const exchange = alice.fetchToken({ code: 'code', codeVerifier });
    await failure(exchange, ConfigurationError);
    expect(server.journal.count('token')).toBe(0);
  });

  it.each([{ pkce: false }, { grant: 'implicit' }] as Partial<OAuthClientOptions>[])(
    'is refused where no proof key is sent: %o',
    async (more) => {
      const codeVerifier = 'a'.repeat(43);
      expect(await refusal(await boot(more), { codeVerifier })).toContain('no proof key');
    },
  );
});

describe('the state function of a client', () => {
  it('that throws is named, with what it threw as the cause', async () => {
    const alice = await boot({
      state: () => {
        throw new RangeError('boom');
      },
    });
    const error = await failure(alice.authorizationUrl(), ConfigurationError);
    expect(error.message).toContain('The state could not be made');
    expect(error.cause).toMatchObject({ name: 'RangeError' });
    await failure(alice.newState(), ConfigurationError);
  });

  it('that makes a number is told that it is no text', async () => {
    const alice = await boot({ state: () => 7 as unknown as string });
    expect(await refusal(alice)).toContain('is no text');
    await failure(alice.newState(), ConfigurationError);
  });
});
