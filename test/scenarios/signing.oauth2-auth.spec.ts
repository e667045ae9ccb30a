import { HttpService } from '@nestjs/axios';
import axios, { type AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import {
  ConfigurationError,
  OAuth2Auth,
  OriginNotAllowedError,
  TokenExpiredError,
  UnsupportedTokenTypeError,
  type TokenPlacement,
  type TokenResponse,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { apiRequest, argumentsFor, bootKind, TOKEN_REQUEST_KINDS } from './fixtures-fetch.js';

let server: FakeAuthorizationServer;
let token: TokenResponse;
beforeEach(async () => {
  server = await startServer();
  token = { ...server.issueTokens() };
});

/** The signer of a token, for the API of the server. */
const signer = (tokenPlacement?: TokenPlacement, held: TokenResponse = token) =>
  new OAuth2Auth({
    token: held,
    allowedOrigins: [new URL(server.apiUrl).origin],
    allowInsecureHttp: true,
    ...(tokenPlacement && { tokenPlacement }),
  });

/** A plain axios instance that carries the token. */
function signed(tokenPlacement?: TokenPlacement, config: AxiosRequestConfig = {}) {
  const http = axios.create({ baseURL: server.apiUrl, ...config });
  signer(tokenPlacement).attach(http);
  return http;
}

describe('OAuth2Auth', () => {
  it.each(TOKEN_REQUEST_KINDS)(
    '1: sends a token as a Bearer header, that came by the %s grant',
    async (kind) => {
      const session = await bootKind(kind, userClient(server));
      const held = await session.fetchToken(await argumentsFor(kind, session));
      const http = axios.create({ baseURL: server.apiUrl });
      new OAuth2Auth({ token: held, allowInsecureHttp: true }).attach(http);
      await http.get('/things');
      expect(apiRequest(server).headers.authorization).toBe(`Bearer ${held.accessToken}`);
    },
  );

  it('2: puts the token in the query, and keeps what is there', async () => {
    await signed('query').get('/things?a=1&a=2', { params: { b: 'ü&' } });
    const { query, headers, body } = apiRequest(server);
    expect(query.getAll('a')).toEqual(['1', '2']);
    expect(query.getAll('b')).toEqual(['ü&']);
    expect(query.getAll('access_token')).toEqual([token['access_token']]);
    expect(query.size).toBe(4);
    expect(headers.authorization).toBeUndefined();
    expect(body).toBe('');
  });

  it.each([
    ['by default', undefined],
    ['by tokenPlacement', 'header'],
  ] as const)('3: puts the token in the header %s', async (_how, place) => {
    await signed(place).post('/things?a=1', new URLSearchParams({ b: '2' }));
    const { headers, query, form } = apiRequest(server);
    expect(headers.authorization).toBe(`Bearer ${token['access_token']}`);
    expect([...query]).toEqual([['a', '1']]);
    expect([...form]).toEqual([['b', '2']]);
  });

  it('4: appends the token to the form that is the body', async () => {
    await signed('body').post('/things', new URLSearchParams({ a: 'ü&', b: '2' }));
    const { form, headers, query } = apiRequest(server);
    expect([...form]).toEqual([
      ['a', 'ü&'],
      ['b', '2'],
      ['access_token', token['access_token']],
    ]);
    expect(headers.authorization).toBeUndefined();
    expect(query.size).toBe(0);
  });

  it('4: port: refuses a body that is no form, and a GET, and sends nothing', async () => {
    const http = signed('body');
    await failure(http.post('/things', { a: 1 }), ConfigurationError);
    await failure(http.get('/things'), ConfigurationError);
    expect(server.journal.count('api')).toBe(0);
  });

  it('5: without a token is a usage error', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    const missing = (await alice.token())!;
    const allowedOrigins = ['https://api.example'];
    for (const held of [missing, {}, { access_token: '' }]) {
      const make = () => new OAuth2Auth({ token: held as TokenResponse, allowedOrigins });
      const error = await failure(make, ConfigurationError);
      expect(error.message).toContain('OAuth2Auth');
    }
  });

  it('7: refuses a token of a type that it does not know', async () => {
    const make = () => signer('header', { ...token, token_type: 'mac' });
    await failure(make, UnsupportedTokenTypeError);
  });

  it('9: refuses a call whose token has expired, and renews nothing', async () => {
    const http = axios.create({ baseURL: server.apiUrl });
    signer('header', { ...token, expires_at: 1 }).attach(http);
    await failure(http.get('/things'), TokenExpiredError);
    expect(server.journal.count()).toBe(0);
  });

  it('9: hands on the 401 of a token that the API refuses, and renews nothing', async () => {
    const http = signed('header', { validateStatus: () => true });
    server.revokeAccessTokens();
    expect((await http.get('/things')).status).toBe(401);
    expect(server.journal.count('api')).toBe(1);
    expect(server.journal.count('token')).toBe(0);
  });

  it('10: takes the token of a session to a plain axios instance, until it is removed', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    await alice.setToken(token);
    const http = axios.create({ baseURL: server.apiUrl, validateStatus: () => true });
    const held = (await alice.token())!;
    const detach = new OAuth2Auth({ token: held, allowInsecureHttp: true }).attach(http);
    expect((await http.get('/things')).status).toBe(200);
    detach();
    expect((await http.get('/things')).status).toBe(401);
    const sent = server.journal.requests('api').map(({ headers }) => headers.authorization);
    expect(sent).toEqual([`Bearer ${token['access_token']}`, undefined]);
  });

  it('10: takes the token of a session to a plain HttpService', async () => {
    const alice = await bootKind('authorization_code', userClient(server));
    await alice.setToken(token);
    const http = new HttpService(axios.create({ baseURL: server.apiUrl }));
    const held = (await alice.token())!;
    new OAuth2Auth({ token: held, allowInsecureHttp: true }).attach(http);
    await firstValueFrom(http.get('/things'));
    expect(apiRequest(server).headers.authorization).toBe(`Bearer ${token['access_token']}`);
  });

  it('10: port: keeps the token from any other origin, and sends nothing there', async () => {
    const other = await startServer();
    await failure(signed().get(`${other.apiUrl}/things`), OriginNotAllowedError);
    expect(other.journal.count()).toBe(0);
  });
});
