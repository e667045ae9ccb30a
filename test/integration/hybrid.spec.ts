import { generateKeyPairSync } from 'node:crypto';
import { importJWK, SignJWT, type JWK } from 'jose';
import {
  AuthorizationResponseError,
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  type AuthorizationRequestStore,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { Browser } from '../support/oidc-browser.js';
import { startOidcServer } from '../support/oidc-server.js';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY: JWK = { ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };

/** A client that asks for a hybrid response, and what the browser posts to it. */
async function hybrid() {
  const application = await startHost((_request, response) => response.end('received'));
  const redirectUri = `${application.origin}/callback`;
  const server = await startOidcServer(
    [
      {
        client_id: 'web',
        client_secret: 'web-secret',
        application_type: 'native',
        grant_types: ['authorization_code', 'implicit'],
        response_types: ['code id_token'],
        redirect_uris: [redirectUri],
      },
    ],
    { responseTypes: ['code id_token', 'code'], jwks: { keys: [KEY] } },
  );
  const client = await bootClient({
    issuer: server.issuer,
    clientId: 'web',
    clientSecret: 'web-secret',
    redirectUri,
    responseType: 'code id_token',
    scope: ['openid'],
    baseURL: server.issuer,
    allowInsecureHttp: true,
  });
  const alice = client.for('alice');
  const browser = new Browser('alice@server');
  const { url } = await alice.authorizationUrl();
  await browser.submit(await browser.open(url));
  return { server, alice, form: new URLSearchParams(application.requests[0]!.body) };
}

/** The ID token of a response with other claims, signed with the server's own key. */
async function forged(form: URLSearchParams, change: Record<string, unknown>): Promise<string> {
  const payload = Buffer.from(form.get('id_token')!.split('.')[1]!, 'base64url').toString();
  const claims = { ...(JSON.parse(payload) as Record<string, unknown>), ...change };
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' });
  return jwt.sign(await importJWK(KEY));
}

describe('a hybrid response that was asked for', () => {
  it('connects the user, once its ID token and that of the exchange agree', async () => {
    const { alice, form, server } = await hybrid();
    expect(form.has('id_token')).toBe(true);
    const token = await alice.fetchToken({ authorizationResponse: form.toString() });
    expect(token.claims?.sub).toBe('alice@server');
    expect(server.grants).toEqual(['authorization_code']);
  });

  it.each([
    ['another code', { c_hash: 'AAAA' }, 'it is of another code'],
    ['no hash of the code', { c_hash: undefined }, 'it has no hash of the code'],
    ['another nonce', { nonce: 'other' }, 'its nonce is not the one sent'],
    ['another audience', { aud: 'other' }, 'it is for another client'],
    ['another issuer', { iss: 'https://evil.example' }, 'it is of another issuer'],
  ])('is refused with %s, and the code is not spent', async (_what, change, why) => {
    const { alice, form, server } = await hybrid();
    form.set('id_token', await forged(form, change));
    const answer = alice.fetchToken({ authorizationResponse: form.toString() });
    const error = await failure(answer, AuthorizationResponseError);
    expect(error.errorDescription).toContain(why);
    expect(server.grants).toEqual([]);
  });

  it('is refused without an ID token, and with an access token', async () => {
    const { alice, form } = await hybrid();
    form.set('access_token', 'injected');
    await failure(
      alice.fetchToken({ authorizationResponse: form.toString() }),
      AuthorizationResponseError,
    );
    const other = await hybrid();
    other.form.delete('id_token');
    other.form.set('iss', other.server.issuer);
    const error = await failure(
      other.alice.fetchToken({ authorizationResponse: other.form.toString() }),
      AuthorizationResponseError,
    );
    expect(error.errorDescription).toContain('it brings no ID token');
  });

  it('may not name another user than the exchange', async () => {
    const { alice, form } = await hybrid();
    form.set('id_token', await forged(form, { sub: 'mallory' }));
    const answer = alice.fetchToken({ authorizationResponse: form.toString() });
    expect((await failure(answer, Error)).message).toContain('about another user');
  });
});

describe('a client of hybrid responses', () => {
  const boot = async (authorizationRequestStore?: AuthorizationRequestStore) => {
    const server = await startServer();
    const { tokenEndpoint: _one, authorizationEndpoint: _other, ...rest } = userClient(server);
    const client = await bootClient(
      { ...rest, issuer: server.issuer, scope: ['openid'], responseType: 'code id_token' },
      { ...(authorizationRequestStore && { authorizationRequestStore }) },
    );
    return { server, alice: client.for('alice') };
  };

  it('asks for none without openid, in a call or a variant', async () => {
    const { alice } = await boot();
    const error = await failure(alice.authorizationUrl({ scope: ['read'] }), ConfigurationError);
    expect(error.message).toContain('openid');
    await failure(alice.with({ scope: ['read'] }).authorizationUrl(), ConfigurationError);
  });

  it('refuses an ID token of a flow that was begun without a nonce', async () => {
    const requests = new MemoryAuthorizationRequestStore();
    const { alice, server } = await boot({
      save: (hash, { nonce: _lost, ...record }, ttlMs) => requests.save(hash, record, ttlMs),
      take: (hash) => requests.take(hash),
    });
    const { state } = await alice.authorizationUrl();
    const id_token = server.signIdToken({ iss: server.issuer, sub: 'mallory', aud: 'client' });
    const form = new URLSearchParams({ code: 'x', state, id_token, iss: server.issuer });
    const call = alice.completeAuthorization({ authorizationResponse: form.toString() });
    const error = await failure(call, AuthorizationResponseError);
    expect(error.errorDescription).toContain('no nonce was sent');
    expect(server.journal.count('token')).toBe(0);
  });

  it('does not exchange a code whose ID token nobody has seen', async () => {
    const { alice, server } = await boot();
    const { state } = await alice.authorizationUrl();
    const error = await failure(alice.fetchToken({ code: 'x', state }), ConfigurationError);
    expect(error.message).toContain('Pass the whole callback as authorizationResponse');
    expect(server.journal.count('token')).toBe(0);
  });
});

describe('a hybrid response that nobody asked for', () => {
  it.each(['id_token', 'access_token', 'refresh_token'])(
    'is refused for its %s, and the code is not spent',
    async (name) => {
      const server = await startServer();
      const alice = (await bootClient(userClient(server))).for('alice');
      const authorizationResponse = await callbackOf(alice, server, {
        change: (url) => url.searchParams.set(name, 'injected-value'),
      });
      const error = await failure(
        alice.fetchToken({ authorizationResponse }),
        AuthorizationResponseError,
      );
      expect(error.errorDescription).toContain(`${name} that nobody asked for`);
      expect(error.message).not.toContain('injected-value');
      expect(server.journal.tokenRequests()).toEqual([]);
    },
  );

  it('cannot be asked for without openid and an issuer', async () => {
    const server = await startServer();
    const options = userClient(server, { responseType: 'code id_token' });
    expect((await failure(bootClient(options), ConfigurationError)).message).toContain('openid');
  });
});
