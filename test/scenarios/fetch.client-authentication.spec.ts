import type { ClientAuthentication, OAuthClientOptions } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer, FakeClient } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { startServer, userClient } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { startHost } from '../support/host.js';
import {
  argumentsFor,
  AT_HAND,
  basic,
  bootKind,
  GRANT_TYPES,
  publicClient,
  TOKEN_REQUEST_KINDS,
  tokenRequest,
} from './fixtures-fetch.js';

const TOKEN = { access_token: 'token', token_type: 'Bearer', refresh_token: 'r', expires_in: 3600 };

/** A server that knows the client in this way. */
const start = (client: Partial<FakeClient> = {}): Promise<FakeAuthorizationServer> =>
  startServer({ clients: [{ clientId: 'client', clientSecret: 'secret', ...client }] });

/** A server that takes whoever asks. */
async function startCareless(): Promise<FakeAuthorizationServer> {
  const server = await start();
  server.always('token').respondJson(200, TOKEN);
  return server;
}

/** How the last token request said who the client is. */
function credentials(server: FakeAuthorizationServer): object {
  const { headers, form } = tokenRequest(server);
  return {
    header: headers.authorization,
    id: form.getAll('client_id'),
    secret: form.getAll('client_secret'),
  };
}

describe.each(TOKEN_REQUEST_KINDS)('fetchToken() by the %s grant', (kind) => {
  it('20: sends Basic from id and secret, and neither in the body', async () => {
    const server = await start({ authentication: 'client_secret_basic' });
    const session = await bootKind(kind, userClient(server));
    await session.fetchToken(await argumentsFor(kind, session));
    const header = basic('client', 'secret');
    expect(credentials(server)).toEqual({ header, id: [], secret: [] });
    expect(tokenRequest(server).form.get('grant_type')).toBe(GRANT_TYPES[kind]);
  });

  it('20: sends Basic from id and a secret that comes with the call alone, and neither in the body', async () => {
    const server = await startCareless();
    const session = await bootKind(kind, publicClient(server));
    await session.fetchToken({ ...AT_HAND[kind], clientSecret: 'of the call' });
    const header = basic('client', 'of+the+call');
    expect(credentials(server)).toEqual({ header, id: [], secret: [] });
  });

  it('21: sends id and secret in the body, and no header, with includeClientId', async () => {
    const server = await start({ authentication: 'client_secret_post' });
    const session = await bootKind(kind, userClient(server));
    const given = await argumentsFor(kind, session);
    await session.fetchToken({ ...given, includeClientId: true });
    expect(credentials(server)).toEqual({ header: undefined, id: ['client'], secret: ['secret'] });
  });

  it.each<[string, ClientAuthentication]>([
    ['a method', { method: 'client_secret_basic', encoding: 'raw' }],
    [
      'a function',
      ({ headers }, { clientId, clientSecret }) =>
        headers.set('authorization', basic(clientId, clientSecret!)),
    ],
  ])('22: sends nothing but the header of explicit authentication by %s', async (_what, own) => {
    const server = await start({ authentication: 'client_secret_basic' });
    const session = await bootKind(kind, userClient(server, { clientAuthentication: own }));
    await session.fetchToken(await argumentsFor(kind, session));
    const header = basic('client', 'secret');
    expect(credentials(server)).toEqual({ header, id: [], secret: [] });
  });

  it('25: sends the id and no secret parameter with includeClientId and no secret', async () => {
    const server = await startCareless();
    const session = await bootKind(kind, publicClient(server));
    await session.fetchToken({ ...AT_HAND[kind], includeClientId: true });
    expect(credentials(server)).toEqual({ header: undefined, id: ['client'], secret: [] });
  });

  it('26: sends an empty secret parameter with includeClientId and an empty secret', async () => {
    const server = await startCareless();
    const session = await bootKind(kind, userClient(server));
    await session.fetchToken({ ...AT_HAND[kind], includeClientId: true, clientSecret: '' });
    expect(credentials(server)).toEqual({ header: undefined, id: ['client'], secret: [''] });
  });

  it('26: sends an empty secret parameter, too, where the client has no secret of its own', async () => {
    const server = await startCareless();
    const session = await bootKind(kind, publicClient(server));
    await session.fetchToken({ ...AT_HAND[kind], includeClientId: true, clientSecret: '' });
    expect(credentials(server)).toEqual({ header: undefined, id: ['client'], secret: [''] });
  });

  it('35: sends both in the body with client_secret_post', async () => {
    const server = await start({ authentication: 'client_secret_post' });
    const clientAuthentication = { method: 'client_secret_post' } as const;
    const session = await bootKind(kind, userClient(server, { clientAuthentication }));
    await session.fetchToken(await argumentsFor(kind, session));
    expect(credentials(server)).toEqual({ header: undefined, id: ['client'], secret: ['secret'] });
  });
});

describe('fetchToken()', () => {
  it('20: port: form-encodes both parts of Basic, as RFC 6749, section 2.3.1 has it', async () => {
    const known = { clientId: 'my client', clientSecret: 'a:b c&ü' };
    const server = await start({ ...known, authentication: 'client_secret_basic' });
    const session = await bootKind('client_credentials', userClient(server, known));
    await session.fetchToken();
    expect(tokenRequest(server).headers.authorization).toBe(basic('my+client', 'a%3Ab+c%26%C3%BC'));
  });

  it('23: sends username and password in the body, and the client in a Basic header', async () => {
    const server = await start({ authentication: 'client_secret_basic' });
    const alice = await bootKind('password', userClient(server));
    await alice.fetchToken({ username: 'alice', password: 'pass & word' });
    const { form, headers, url } = tokenRequest(server);
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'password',
      username: 'alice',
      password: 'pass & word',
    });
    expect(headers.authorization).toBe(basic('client', 'secret'));
    expect(url).toBe(server.tokenEndpoint);
  });

  it('32: of a public client sends client_id, code and grant_type in the body', async () => {
    const server = await startServer({ clients: [{ clientId: 'client', authentication: 'none' }] });
    const alice = await bootKind('authorization_code', publicClient(server));
    const given = await argumentsFor('authorization_code', alice);
    await alice.fetchToken(given);
    expect(Object.fromEntries(tokenRequest(server).form)).toMatchObject({
      client_id: 'client',
      code: given.code,
      grant_type: 'authorization_code',
    });
    expect(credentials(server)).toEqual({ header: undefined, id: ['client'], secret: [] });
  });
});

describe('a certificate of the client (mTLS)', () => {
  const authority = selfSigned('server');
  const own = selfSigned('the client');
  const host = () =>
    startHost((_request, response) => response.end(JSON.stringify(TOKEN)), {
      ...authority,
      requestCert: true,
      rejectUnauthorized: false,
    });
  const client = (origin: string): OAuthClientOptions => ({
    clientId: 'client',
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    transport: { ca: authority.cert },
  });

  it.each(TOKEN_REQUEST_KINDS)(
    '30: of the configuration reaches the server beside client_id in the body, by the %s grant',
    async (kind) => {
      const server = await host();
      const session = await bootKind(kind, {
        ...client(server.origin),
        clientAuthentication: { method: 'self_signed_tls_client_auth' },
        transport: { ca: authority.cert, ...own },
      });
      await session.fetchToken(AT_HAND[kind]);
      await session.refreshToken();
      expect(server.requests.map(({ certificate }) => certificate)).toEqual(
        Array<string>(2).fill('the client'),
      );
      for (const { body, headers } of server.requests) {
        expect(new URLSearchParams(body).getAll('client_id')).toEqual(['client']);
        expect(headers.authorization).toBeUndefined();
      }
    },
  );

  it.each(TOKEN_REQUEST_KINDS)(
    '30: of one call reaches the server beside client_id in the body, by the %s grant',
    async (kind) => {
      const server = await host();
      const session = await bootKind(kind, client(server.origin));
      await session.fetchToken({ ...AT_HAND[kind], includeClientId: true, transport: own });
      const [request] = server.requests;
      expect(request!.certificate).toBe('the client');
      const form = new URLSearchParams(request!.body);
      expect(form.getAll('client_id')).toEqual(['client']);
      expect(form.get('grant_type')).toBe(GRANT_TYPES[kind]);
      expect(request!.headers.authorization).toBeUndefined();
    },
  );
});
