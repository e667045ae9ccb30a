import { createServer } from 'node:http';
import { importJWK, SignJWT, UnsecuredJWT, type JWK } from 'jose';
import {
  DiscoveryError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenResponse,
  type TokenSet,
} from 'nestjs-oauth-client';
import { generateKeyPairSync } from 'node:crypto';
import { onTestFinished, beforeEach, describe, expect, it } from 'vitest';
import { close, listen } from '../../sample/shared/listen.js';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startOidcServer, Visitor, type OidcServer } from '../support/oidc-server.js';

const REDIRECT_URI = 'https://app.example/callback';
const WEB = {
  client_id: 'web',
  client_secret: 'web-secret',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [REDIRECT_URI],
  post_logout_redirect_uris: ['https://app.example/bye'],
};
/** A key that the test has, too: what the server might have signed, had it been wrong. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY: JWK = { ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };

let server: OidcServer;
let alice: OAuthSession;

const options = (issuer: string): OAuthClientOptions => ({
  issuer,
  clientId: WEB.client_id,
  clientSecret: WEB.client_secret,
  redirectUri: REDIRECT_URI,
  scope: ['openid', 'offline_access'],
  authorizationParams: { prompt: 'consent' },
  baseURL: issuer,
  allowInsecureHttp: true,
});

async function start(more: Parameters<typeof startOidcServer>[1] = {}): Promise<void> {
  server = await startOidcServer([WEB], more);
  alice = (await bootClient(options(server.issuer))).for('alice');
}

async function connect(): Promise<TokenSet> {
  const { url } = await alice.authorizationUrl();
  const authorizationResponse = await new Visitor('alice@server').authorize(url, REDIRECT_URI);
  return alice.fetchToken({ authorizationResponse });
}

/** From now on the server answers ID tokens of other claims, signed with its own key. */
function tamper(change: Record<string, unknown>, header: Record<string, string> = {}): void {
  alice.registerComplianceHook('access_token_response', async (response) => {
    const answer = response.json() as TokenResponse;
    const claims = { ...claimsOf(answer.id_token!), ...change };
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header });
    return response.withJson({ ...answer, id_token: await jwt.sign(await importJWK(KEY)) });
  });
}

function claimsOf(jwt: string): Record<string, unknown> {
  const payload = Buffer.from(jwt.split('.')[1]!, 'base64url').toString();
  return JSON.parse(payload) as Record<string, unknown>;
}

describe('ID tokens of oidc-provider', () => {
  it('are verified, after the server has changed its keys, too', async () => {
    await start();
    expect((await connect()).claims).toMatchObject({ sub: 'alice@server', aud: 'web' });
    await server.rotateKeys();
    const { claims } = await alice.refreshToken();
    expect(claims).toMatchObject({ sub: 'alice@server', iss: server.issuer });
    await server.rotateKeys();
    expect((await connect()).claims?.sub).toBe('alice@server');
  });

  it.each([
    ['another audience', { aud: 'other' }, {}, 'it is for another client'],
    ['another nonce', { nonce: 'other' }, {}, 'its nonce is not the one sent'],
    ['another issuer', { iss: 'https://evil.example' }, {}, 'it is of another issuer'],
    ['an end in the past', { exp: 1 }, {}, 'it has expired'],
    ['the hash of another token', { at_hash: 'AAAA' }, {}, 'it is of another access token'],
    ['a key that is not known', {}, { kid: 'other' }, 'a key that the server does not name'],
  ])('are refused with %s', async (_what, change, header, why) => {
    await start({ jwks: { keys: [KEY] } });
    tamper(change, header);
    const error = await failure(connect(), TokenEndpointError);
    expect(error.message).toContain(why);
    expect(await alice.token()).toBeUndefined();
  });

  it('are accepted when what is tampered with is nothing', async () => {
    await start({ jwks: { keys: [KEY] } });
    tamper({});
    expect((await connect()).claims?.sub).toBe('alice@server');
  });

  it('are refused without a signature', async () => {
    await start();
    alice.registerComplianceHook('access_token_response', (response) => {
      const answer = response.json() as TokenResponse;
      const unsigned = new UnsecuredJWT(claimsOf(answer.id_token!)).encode();
      return response.withJson({ ...answer, id_token: unsigned });
    });
    const error = await failure(connect(), TokenEndpointError);
    expect(error.message).toContain('not signed with an algorithm that the server names');
  });
});

describe('userInfo() and logoutUrl() at oidc-provider', () => {
  beforeEach(() => start());

  it('answer the user and the way out', async () => {
    await connect();
    expect(await alice.userInfo()).toEqual({ sub: 'alice@server' });
    const { url, state } = await alice.logoutUrl({
      postLogoutRedirectUri: 'https://app.example/bye',
    });
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('name="xsrf"');
    expect(state).toBeTypeOf('string');
  });
});

it('refuses metadata whose issuer lies', async () => {
  const real = await startOidcServer([WEB]);
  const liar = createServer((_request, response) => {
    void fetch(`${real.issuer}/.well-known/openid-configuration`)
      .then((answer) => answer.text())
      .then((text) => response.setHeader('content-type', 'application/json').end(text));
  });
  const issuer = await listen(liar, 0);
  onTestFinished(() => close(liar));
  const client = await bootClient(options(issuer));
  const error = await failure(client.for('alice').authorizationUrl(), DiscoveryError);
  expect(error.message).toContain(`not of "${issuer}"`);
});
