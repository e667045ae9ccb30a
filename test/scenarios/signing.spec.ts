import type { AxiosInstance } from 'axios';
import { firstValueFrom } from 'rxjs';
import {
  AuthorizationRequiredError,
  ConfigurationError,
  MemoryTokenStore,
  TokenSet,
  UnsupportedTokenTypeError,
  type TokenPlacement,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import {
  apiRequest,
  argumentsFor,
  bootKind,
  KINDS,
  TOKEN_REQUEST_KINDS,
} from './fixtures-fetch.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

describe('a session', () => {
  it.each(KINDS)('1: sends a held token as a Bearer header, by the %s grant', async (kind) => {
    const session = await bootKind(kind, userClient(server));
    const held = server.issueTokens({ refreshToken: false });
    await session.setToken(held);
    await firstValueFrom(session.get('/things'));
    expect(apiRequest(server).headers.authorization).toBe(`Bearer ${held.access_token}`);
    expect(server.journal.count('token')).toBe(0);
  });

  it('1: writes Bearer with that exact word, however the server wrote the type', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    const held = { ...server.issueTokens(), token_type: 'bEARER' };
    await alice.setToken(held);
    await firstValueFrom(alice.get('/things'));
    expect(apiRequest(server).headers.authorization).toBe(`Bearer ${held.access_token}`);
  });

  it.each<[TokenPlacement, string]>([
    ['header', 'header'],
    ['body', 'form'],
    ['query', 'query'],
  ])('6: places the token in the %s as configured, and nowhere else', async (placement, where) => {
    const options = userClient(server, { tokenPlacement: placement });
    const alice = await bootKind('authorization_code', options);
    const { accessToken } = await alice.setToken(server.issueTokens());
    const data = new URLSearchParams({ a: '1' });
    await firstValueFrom(alice.post('/things?b=2', data));
    const { headers, form, query } = apiRequest(server);
    const found = {
      header: headers.authorization?.replace(/^Bearer /, ''),
      form: form.get('access_token') ?? undefined,
      query: query.get('access_token') ?? undefined,
    };
    const none = { header: undefined, form: undefined, query: undefined };
    expect(found).toEqual({ ...none, [where]: accessToken });
    expect([form.get('a'), query.get('b')]).toEqual(['1', '2']);
  });

  it('7: refuses a token of a type that it does not know, and keeps the former one', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    const { accessToken } = await alice.setToken(server.issueTokens());
    const odd = { ...server.issueTokens(), token_type: 'mac' };
    await failure(alice.setToken(odd), UnsupportedTokenTypeError);
    await firstValueFrom(alice.get('/things'));
    expect(apiRequest(server).headers.authorization).toBe(`Bearer ${accessToken}`);
  });

  it.each(TOKEN_REQUEST_KINDS)(
    '7: refuses a token response of such a type, by the %s grant',
    async (kind) => {
      server.next('token').transformJson((json) => ({ ...json, token_type: 'unknown' }));
      const session = await bootKind(kind, userClient(server));
      const given = await argumentsFor(kind, session);
      await failure(session.fetchToken(given), UnsupportedTokenTypeError);
      expect(await session.token()).toBeUndefined();
    },
  );

  it('7: sends nothing with such a token that the application’s own store holds', async () => {
    const store = new MemoryTokenStore();
    const session = (await bootClient(userClient(server), { store })).for('alice');
    const odd = TokenSet.from({ ...server.issueTokens(), token_type: 'mac' });
    await store.set({ client: 'client', subject: 'alice' }, odd.toRecord());
    await failure(firstValueFrom(session.get('/things')), UnsupportedTokenTypeError);
    expect(server.journal.count()).toBe(0);
  });

  it.each(['authorization_code', 'password', 'implicit'] as const)(
    '8: refuses a call without any token, instead of sending it anonymously, by the %s grant',
    async (kind) => {
      const alice = await bootKind(kind, userClient(server));
      const call = firstValueFrom(alice.get('/things'));
      const error = await failure(call, AuthorizationRequiredError);
      expect(error.reason).toBe('no_token');
      expect(server.journal.count()).toBe(0);
    },
  );

  it('8: port: fetches the token by itself where no user is needed, and never calls anonymously', async () => {
    const session = await bootKind('client_credentials', userClient(server));
    await firstValueFrom(session.get('/things'));
    const token = await session.token();
    expect(apiRequest(server).headers.authorization).toBe(`Bearer ${token!.accessToken}`);
    expect(server.journal.count('api')).toBe(1);
  });

  it.each(['authorization_code', 'password', 'implicit'] as const)(
    '9: refuses a call whose token has expired and cannot be renewed, by the %s grant',
    async (kind) => {
      const alice = await bootKind(kind, userClient(server));
      await alice.setToken({ access_token: 'old', token_type: 'Bearer', expires_at: 1 });
      const call = firstValueFrom(alice.get('/things'));
      const error = await failure(call, AuthorizationRequiredError);
      expect(error.reason).toBe('not_renewable');
      expect(server.journal.count()).toBe(0);
    },
  );

  it('10: lends its signing to what takes an axios instance, and to the children of it', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    const { accessToken } = await alice.setToken(server.issueTokens());
    const sdk = (http: AxiosInstance) => http.get('/things');
    await sdk(alice.axiosRef);
    await sdk(alice.axiosRef.create({ headers: { 'x-sdk': 'yes' } }));
    const sent = server.journal.requests('api').map(({ headers }) => headers.authorization);
    expect(sent).toEqual([`Bearer ${accessToken}`, `Bearer ${accessToken}`]);
    expect(apiRequest(server).headers['x-sdk']).toBe('yes');
  });

  it('10: refuses to lend its signing without the user whose token it is', async () => {
    const session = await bootClient(userClient(server));
    await failure(() => session.axiosRef, ConfigurationError);
  });
});
