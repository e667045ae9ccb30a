import { Injectable, Module } from '@nestjs/common';
import {
  AuthorizationRequiredError,
  ConfigurationError,
  OAuthClient,
  OAuthClientModule,
  OAuthSession,
  TokenEndpointError,
  TokenSet,
} from 'nestjs-oauth-client';
import { inTurn, OAuthClientTestingModule, OAuthTestKit } from 'nestjs-oauth-client/testing';
import { firstValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bootApplication } from '../support/application.js';
import { failure } from '../support/failure.js';
import { get, testClient } from './oauth-client-testing.support.js';

describe('OAuthClientTestingModule', () => {
  it('gives services a real session, and features, too', async () => {
    @Injectable()
    class Repositories {
      constructor(@OAuthClient('github') readonly github: OAuthSession) {}
    }
    @Module({ imports: [OAuthClientModule.forFeature(['github'])], providers: [Repositories] })
    class Feature {}
    const application = await bootApplication({
      imports: [
        OAuthClientTestingModule.forRoot({ clients: { github: { reply: { login: 'a' } } } }),
        Feature,
      ],
    });
    const { github } = application.get(Repositories, { strict: false });
    expect(github).toBeInstanceOf(OAuthSession);
    expect(await get(github.for('alice'), '/user')).toEqual({ login: 'a' });
    expect(application.get(OAuthTestKit)).toBe(OAuthTestKit.of(application));
  });

  it('says of each call what was asked, by whom and with which token', async () => {
    const { session, client } = await testClient({ reply: { ok: true } });
    await firstValueFrom(
      session
        .for('alice')
        .post(
          '/repos?sort=up',
          { name: 'one' },
          { params: { tag: ['a', 'b'] }, headers: { x: 'y' } },
        ),
    );
    expect(client.calls).toMatchObject([
      {
        method: 'POST',
        url: 'https://api.test/repos?sort=up&tag%5B%5D=a&tag%5B%5D=b',
        path: '/repos',
        query: { sort: 'up', 'tag[]': ['a', 'b'] },
        headers: { x: 'y', authorization: 'Bearer github-alice-1' },
        body: { name: 'one' },
        subject: 'alice',
        token: 'github-alice-1',
      },
    ]);
    expect(client.tokenRequests).toEqual([]);
  });

  it('works through every door of a session', async () => {
    const { session, client } = await testClient({ reply: [1, 2] });
    const alice = session.for('alice');
    expect(await (await alice.fetch('/fetched')).json()).toEqual([1, 2]);
    expect((await alice.axiosRef('/axios')).data).toEqual([1, 2]);
    expect((await alice.axiosRef.create().get<unknown>('/child')).data).toEqual([1, 2]);
    expect(await alice.accessToken()).toBe('github-alice-1');
    expect(await alice.authorized()).toBe(true);
    expect((await firstValueFrom(alice.token$))?.accessToken).toBe('github-alice-1');
    await get(alice.with({ scope: ['repo'] }), '/variant');
    expect(client.calls.map(({ path, token, subject }) => [path, token, subject])).toEqual([
      ['/fetched', 'github-alice-1', 'alice'],
      ['/axios', 'github-alice-1', 'alice'],
      ['/child', 'github-alice-1', 'alice'],
      ['/variant', 'github-alice-2', 'alice'],
    ]);
    expect(client.tokenRequests).toMatchObject([
      { grantType: 'refresh_token', scope: ['repo'], subject: 'alice' },
    ]);
  });

  it('serves users and the client itself where no grant is named', async () => {
    const { session, client } = await testClient({ reply: 'ok' });
    await get(session, '/own');
    await get(session.for("o'Hara/ü"), '/users');
    expect(client.calls.map(({ token }) => token)).toEqual(['github-1', 'github-o_Hara__-1']);
  });

  it('judges calls by the grant where one is named', async () => {
    const { session } = await testClient({ grant: 'authorization_code' });
    expect((await failure(get(session, '/user'), ConfigurationError)).message).toContain(
      'no user was named',
    );
  });

  it('fetches the token of a machine from an endpoint in memory', async () => {
    const { session, client, kit } = await testClient({
      grant: 'client_credentials',
      scope: ['read'],
      reply: 'ok',
    });
    await get(session, '/one');
    await get(session, '/two');
    kit.clock.advance(3600);
    await get(session, '/three');
    expect(client.calls.map(({ token }) => token)).toEqual(['github-1', 'github-1', 'github-2']);
    expect(client.tokenRequests).toMatchObject([
      { grantType: 'client_credentials', scope: ['read'], subject: '' },
      { grantType: 'client_credentials', scope: ['read'], subject: '' },
    ]);
  });

  it('names the subject of a request for a token where the grant has one', async () => {
    const { client, session } = await testClient({
      grant: { type: 'urn:test', actsFor: 'client or subject', params: () => ({}) },
      reply: 'ok',
    });
    await get(session.for('zoë@example.com'), '/');
    expect(client.tokenRequests).toMatchObject([{ subject: 'zoë@example.com' }]);
    expect(client.tokenRequests[0]!.headers).not.toHaveProperty('x-oauth-test-subject');
  });

  it('renews a user’s token when the clock is moved', async () => {
    const { session, client, kit } = await testClient({ reply: 'ok' });
    await get(session.for('alice'), '/before');
    kit.clock.advance(3600);
    await get(session.for('alice'), '/after');
    expect(client.calls.map(({ token }) => token)).toEqual(['github-alice-1', 'github-alice-2']);
    expect(client.tokenRequests).toMatchObject([
      {
        grantType: 'refresh_token',
        subject: 'alice',
        body: { refresh_token: 'github-alice-refresh-1' },
      },
    ]);
  });

  it('goes by faked timers, too', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { session, client } = await testClient({ reply: 'ok' });
    await get(session.for('alice'), '/before');
    vi.setSystemTime(Date.now() + 3600_000);
    await get(session.for('alice'), '/after');
    expect(client.calls.map(({ token }) => token)).toEqual(['github-alice-1', 'github-alice-2']);
  });

  it('renews after a 401, once, and shows both calls', async () => {
    const { session, client } = await testClient({ reply: inTurn({ status: 401 }, { ok: true }) });
    expect(await get(session.for('alice'), '/')).toEqual({ ok: true });
    expect(client.calls.map(({ token }) => token)).toEqual(['github-alice-1', 'github-alice-2']);
  });
});

describe('the token of a test client', () => {
  it.each([
    ['text', 'mine'],
    ['a token response', { access_token: 'mine' }],
    ['a token set', TokenSet.from({ access_token: 'mine', expires_in: 60 })],
    ['a function', async (subject: string) => (subject === 'alice' ? 'mine' : null)],
    ['a map', new Map([['alice', 'mine']])],
  ] as const)('is %s', async (_what, token) => {
    const { session } = await testClient({ token });
    expect(await session.for('alice').accessToken()).toBe('mine');
  });

  it('is none for who is not connected', async () => {
    const { session, client } = await testClient({ token: new Map([['alice', 'a']]), reply: 'ok' });
    await failure(get(session.for('bob'), '/'), AuthorizationRequiredError);
    expect(await session.for('bob').authorized()).toBe(false);
    expect(client.calls).toEqual([]);
  });

  it('fails the token requests of a machine when it is null', async () => {
    const { session } = await testClient({ grant: 'client_credentials', token: null });
    await failure(session.accessToken(), TokenEndpointError);
  });

  it('answers the token requests of a machine', async () => {
    const token = { access_token: 'mine', instance: 'eu' };
    const { session, client } = await testClient({ grant: 'client_credentials', token });
    expect((await session.fetchToken()).raw).toMatchObject({ instance: 'eu' });
    expect(client.tokenRequests).toHaveLength(1);
  });

  it('ends as that of a session does, and can be set as there', async () => {
    const { session } = await testClient();
    const alice = session.for('alice');
    const seen = firstValueFrom(alice.token$.pipe(take(3), toArray()));
    await alice.accessToken();
    await alice.clearToken();
    await failure(alice.accessToken(), AuthorizationRequiredError);
    await alice.setToken({ access_token: 'new' });
    expect(await alice.accessToken()).toBe('new');
    expect((await seen).map((token) => token?.accessToken)).toEqual([
      'github-alice-1',
      undefined,
      'new',
    ]);
  });

  it('ends for good when the renewal is refused', async () => {
    const { session, kit } = await testClient({
      tokenReply: { status: 400, data: { error: 'invalid_grant' } },
    });
    await session.for('alice').accessToken();
    kit.clock.advance(3600);
    await failure(session.for('alice').accessToken(), AuthorizationRequiredError);
  });
});
