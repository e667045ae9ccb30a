import {
  ConfigurationError,
  MismatchingStateError,
  TokenEndpointError,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const user = async (): Promise<OAuthSession> => (await bootClient(userClient(server))).for('alice');
const lastForm = () => server.journal.requests('token').at(-1)!.form;

describe('refreshToken and fetchToken with options', () => {
  it('send further parameters and headers, and nothing of the transport', async () => {
    const alice = await connectUser(await bootClient(userClient(server)), server, 'alice');
    await alice.refreshToken({
      params: { resource: ['https://one', 'https://two'] },
      headers: { 'x-tenant': 'acme' },
      transport: { timeout: 5_000 },
    });
    expect(Object.keys(Object.fromEntries(lastForm())).sort()).toEqual([
      'grant_type',
      'refresh_token',
      'resource',
    ]);
    expect(lastForm().getAll('resource')).toEqual(['https://one', 'https://two']);
    expect(server.journal.requests('token')[0]!.headers['x-tenant']).toBe('acme');
  });

  it('wait for a renewal in flight, and then make a request of their own', async () => {
    const session = await bootClient(machineClient(server));
    const held = server.next('token').hold();
    const call = firstValueFrom(session.get('/things'));
    await server.nextRequest('token');
    const own = session.fetchToken({ params: { audience: 'own' } });
    const joined = session.fetchToken();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.journal.count('token')).toBe(1);
    held.release();
    await Promise.all([call, own, joined]);
    expect(server.journal.count('token')).toBe(2);
    expect(lastForm().get('audience')).toBe('own');
    expect((await own).version).toBe((await session.token())!.version);
    expect((await joined).version).not.toBe((await own).version);
  });

  it('of several callers at once are several requests, one after the other', async () => {
    const alice = await connectUser(await bootClient(userClient(server)), server, 'alice');
    await Promise.all(
      ['one', 'two', 'three'].map((audience) => alice.refreshToken({ params: { audience } })),
    );
    const seen = server.journal.requests('token').map(({ form }) => form.get('audience'));
    expect(new Set(seen)).toEqual(new Set(['one', 'two', 'three']));
    expect(server.journal.tokenRequests().map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('time out by their own transport', async () => {
    const session = await bootClient(machineClient(server));
    server.always('token').hold();
    const error = await failure(
      session.fetchToken({ transport: { timeout: 50 } }),
      TokenEndpointError,
    );
    expect(error.message).toContain('50 ms');
  });
});

describe('fetchToken with a code', () => {
  it('and its state takes what the flow was begun with, once', async () => {
    const alice = await user();
    const { url, state } = await alice.authorizationUrl({ binding: 'browser' });
    const code = new URL(await server.authorize(url)).searchParams.get('code')!;
    await alice.fetchToken({ code, state, binding: 'browser' });
    expect(lastForm().get('code_verifier')).toBeTruthy();
    expect(await alice.authorized()).toBe(true);
    await failure(alice.fetchToken({ code, state, binding: 'browser' }), MismatchingStateError);
  });

  it('and a state of another browser or subject is refused, and spent', async () => {
    const alice = await user();
    const { state } = await alice.authorizationUrl({ binding: 'browser' });
    await failure(alice.fetchToken({ code: 'x', state, binding: 'other' }), MismatchingStateError);
    await failure(
      alice.fetchToken({ code: 'x', state, binding: 'browser' }),
      MismatchingStateError,
    );
    const second = await alice.authorizationUrl();
    const bob = (await bootClient(userClient(server))).for('bob');
    await failure(bob.fetchToken({ code: 'x', state: second.state }), MismatchingStateError);
    expect(server.journal.count('token')).toBe(0);
  });

  it('and a verifier of the application’s own goes the whole way', async () => {
    const alice = await user();
    const codeVerifier = 'v'.repeat(43);
    const { url } = await alice.authorizationUrl({ codeVerifier, scope: ['other'] });
    const code = new URL(await server.authorize(url)).searchParams.get('code')!;
    const token = await alice.fetchToken({ code, codeVerifier });
    expect(lastForm().get('code_verifier')).toBe(codeVerifier);
    expect(token.scope).toEqual(['other']);
  });

  it('is refused beside what contradicts it', async () => {
    const alice = await user();
    for (const options of [
      { authorizationResponse: '?code=x&state=y', code: 'x' },
      { username: 'alice', password: 'x' },
    ]) {
      await failure(alice.fetchToken(options), ConfigurationError);
    }
    const machine = await bootClient(machineClient(server));
    const error = await failure(machine.fetchToken({ code: 'x' }), ConfigurationError);
    expect(error.message).toContain('client_credentials');
    expect(server.journal.count('token')).toBe(0);
  });
});

describe('defaultExpiresInSeconds', () => {
  it('is the lifetime where the server names none, and only there', async () => {
    const session = await bootClient(machineClient(server, { defaultExpiresInSeconds: 120 }));
    expect((await session.fetchToken()).expiresIn()).toBeGreaterThan(3500);
    server.next('token').transformJson((json) => ({ ...json, expires_in: undefined }));
    const token = await session.refreshToken();
    expect(token.expiresIn()).toBeGreaterThan(115);
    expect(token.expiresIn()).toBeLessThanOrEqual(120);
  });
});
