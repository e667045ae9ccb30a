import {
  ConfigurationError,
  MemoryTokenStore,
  TokenEndpointError,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenEvent,
  type TokenRecord,
} from 'nestjs-oauth-client';
import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { bootClient, connectUser, startServer, userClient } from '../support/application.js';
import { authorize, callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let client: OAuthSession;
let alice: OAuthSession;

async function boot(
  more: Partial<OAuthClientOptions> = {},
  options: Partial<OAuthClientModuleOptions> = {},
): Promise<void> {
  client = await bootClient(userClient(server, more), options);
  alice = client.for('alice');
}

beforeEach(async () => {
  server = await startServer();
  await boot();
});

describe('a code', () => {
  it('brings a token, the event of it, and calls that carry it', async () => {
    const events: TokenEvent[] = [];
    alice.events$.subscribe((event) => events.push(event));
    const token = await authorize(alice, server, { user: { scope: 'read' } });
    expect(token.scope).toEqual(['read']);
    expect(await alice.accessToken()).toBe(token.accessToken);
    expect(events).toEqual([
      {
        type: 'fetched',
        client: 'client',
        subject: 'alice',
        at: expect.any(Number),
        durationMs: expect.any(Number),
        attempts: 1,
        fingerprint: token.fingerprint,
        expiresAt: token.expiresAt,
      },
    ]);
  });

  it('grants what was asked for when the answer names no scope', async () => {
    await boot({ scope: ['read', 'write'] });
    server.next('token').transformJson((json) => ({ ...json, scope: undefined }));
    expect((await authorize(alice, server)).scope).toEqual(['read', 'write']);
  });

  it('can be exchanged by itself, where the application has judged the callback', async () => {
    await boot({ pkce: false });
    const url = new URL(server.authorizationEndpoint);
    const verifier = 'v'.repeat(43);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: 'client',
      redirect_uri: 'https://app.example/elsewhere',
      code_challenge: verifier,
    }).toString();
    const code = new URL(await server.authorize(url)).searchParams.get('code')!;
    const redirectUri = 'https://app.example/elsewhere';
    const token = await alice.fetchToken({ code, codeVerifier: verifier, redirectUri });
    expect(await alice.accessToken()).toBe(token.accessToken);
  });

  it('goes with further parameters and headers of the call, which replace nothing', async () => {
    const authorizationResponse = await callbackOf(alice, server);
    const params = { resource: ['https://one', 'https://two'] };
    const headers = { 'x-own': 'o' };
    await alice.fetchToken({ authorizationResponse, params, headers });
    const { form, headers: sent } = server.journal.requests('token')[0]!;
    expect(form.getAll('resource')).toEqual(['https://one', 'https://two']);
    expect(form.getAll('code')).toEqual([new URL(authorizationResponse).searchParams.get('code')]);
    expect(form.getAll('redirect_uri')).toEqual(['https://app.example/callback']);
    expect(sent['x-own']).toBe('o');
  });

  it.each(['code', 'redirect_uri', 'code_verifier'])(
    'goes with no parameter of the call that would replace its %s',
    async (name) => {
      const authorizationResponse = await callbackOf(alice, server);
      const params = { [name]: 'other' };
      await failure(alice.fetchToken({ authorizationResponse, params }), ConfigurationError);
      expect(server.journal.count('token')).toBe(0);
    },
  );
});

describe('an exchange that fails', () => {
  it.each([
    ['refuses the code', () => server.next('token').respondJson(400, { error: 'invalid_grant' })],
    ['answers 200 with an error', () => server.next('token').respondJson(200, { error: 'no' })],
    ['answers HTML', () => server.next('token').malformed('<html>', 'text/html')],
    ['answers nothing', () => server.next('token').respond(200)],
    ['fails', () => server.next('token').respond(500)],
    ['drops the connection after', () => server.next('token').dropAfter()],
  ])('leaves the former token as it is: the server %s', async (_what, misbehave) => {
    const former = await authorize(alice, server);
    const authorizationResponse = await callbackOf(alice, server);
    misbehave();
    const call = alice.completeAuthorization({ authorizationResponse });
    await failure(call, TokenEndpointError);
    expect((await alice.token())?.version).toBe(former.version);
    expect(server.journal.tokenRequests('authorization_code')).toHaveLength(2);
    const again = alice.completeAuthorization({ authorizationResponse });
    await expect(again).rejects.toMatchObject({ code: 'mismatching_state' });
  });

  it('says so when the server is down: the state is spent, the former token stays', async () => {
    const down = await FakeAuthorizationServer.start();
    onTestFinished(() => down.stop());
    await boot({ tokenEndpoint: down.tokenEndpoint, refresh: { timeoutMs: 500 } });
    await connectUser(client, server, 'alice');
    const former = await alice.token();
    const authorizationResponse = await callbackOf(alice, server);
    await down.stop();
    const call = alice.completeAuthorization({ authorizationResponse });
    const error = await failure(call, TokenEndpointError);
    expect(error.message).toMatch(/no connection \(ECONNREFUSED\)/);
    expect((await alice.token())?.version).toBe(former?.version);
    const again = alice.completeAuthorization({ authorizationResponse });
    await expect(again).rejects.toMatchObject({ code: 'mismatching_state' });
  });
});

describe('a callback during a renewal', () => {
  it('wins: the token of the renewal is thrown away and revoked', async () => {
    await boot({ revocationEndpoint: server.revocationEndpoint });
    await connectUser(client, server, 'alice');
    const held = server
      .next('token', ({ form }) => form.get('grant_type') === 'refresh_token')
      .holdAnswer();
    const events: string[] = [];
    alice.events$.subscribe(({ type }) => events.push(type));
    const renewing = alice.refreshToken();
    await held.arrived;
    const token = await authorize(alice, server);
    const revoked = server.nextRequest('revocation');
    held.release();
    expect((await renewing).accessToken).toBe(token.accessToken);
    expect((await alice.token())?.accessToken).toBe(token.accessToken);
    expect(await alice.accessToken()).toBe(token.accessToken);
    await revoked;
    expect(server.isLive(token.accessToken)).toBe(true);
    expect(events).toContain('superseded');
  });
});

describe('a stored token that cannot be read', () => {
  it('does not cost the user the new one', async () => {
    const store = new MemoryTokenStore();
    await boot({}, { store });
    const key = { client: 'client', subject: 'alice' };
    await store.set(key, { format: 99 } as unknown as TokenRecord);
    await expect(alice.token()).rejects.toMatchObject({ code: 'token_store' });
    const token = await authorize(alice, server);
    expect(await alice.accessToken()).toBe(token.accessToken);
  });
});
