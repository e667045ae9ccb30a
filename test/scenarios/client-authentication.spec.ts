import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { ClientAuthentication, OAuthClientOptions } from 'nestjs-oauth-client';
import type {
  FakeAuthorizationServer,
  FakeAuthorizationServerOptions,
  FakeClient,
} from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { answerOf, carriedTokens, lastTokenForm } from './fixtures-state.js';

const SECRET = 'a secret of sixty-four bytes, so that it does for HS512 as well..';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string;

interface Case {
  registered: Omit<FakeClient, 'clientId'>;
  clientAuthentication: ClientAuthentication;
  more?: Partial<OAuthClientOptions>;
  policy?: FakeAuthorizationServerOptions;
}

/** A server that accepts the client in one way alone, and a session that authenticates like this. */
async function start({ registered, clientAuthentication, more, policy }: Case) {
  const clients = [{ clientId: 'client', ...registered }];
  const server = await startServer({ clients, ...policy });
  const { clientSecret: _none, ...options } = machineClient(server);
  const session = await bootClient({ ...options, clientAuthentication, ...more });
  return { server, session };
}

/** The assertion of the latest token request, its signature verified. */
async function verified(server: FakeAuthorizationServer, key: KeyObject | Uint8Array) {
  const form = lastTokenForm(server);
  expect(form.get('client_assertion_type')).toBe(ASSERTION_TYPE);
  expect(form.has('client_secret')).toBe(false);
  const [request] = server.journal.requests('token');
  expect(request!.headers.authorization).toBeUndefined();
  const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion')!, key, {
    issuer: 'client',
    subject: 'client',
    audience: server.tokenEndpoint,
    requiredClaims: ['jti', 'iat', 'exp'],
  });
  return { payload, header: protectedHeader };
}

describe('acceptance: client authentication by a secret that signs', () => {
  const registered = { clientSecret: SECRET, authentication: 'client_secret_jwt' } as const;
  const key = new TextEncoder().encode(SECRET);

  it.each<[string, OAuthClientOptions['clientSecret']]>([
    ['a text', SECRET],
    ['a function', async () => SECRET],
  ])('61: client_secret_jwt by name, the secret as %s', async (_form, clientSecret) => {
    const clientAuthentication = { method: 'client_secret_jwt' } as const;
    const more = { clientSecret };
    const { server, session } = await start({ registered, clientAuthentication, more });
    await answerOf(session);
    expect((await verified(server, key)).header.alg).toBe('HS256');
    expect(carriedTokens(server)).toEqual([await session.accessToken()]);
  });

  it('61: client_secret_jwt by object: algorithm, header, claims and lifetime', async () => {
    const { server, session } = await start({
      registered,
      clientAuthentication: {
        method: 'client_secret_jwt',
        alg: 'HS512',
        header: { kid: 'k1' },
        claims: { tenant: 'acme' },
        lifetimeSeconds: 30,
      },
      more: { clientSecret: SECRET },
    });
    await answerOf(session);
    const { header, payload } = await verified(server, key);
    expect(header).toEqual({ alg: 'HS512', typ: 'JWT', kid: 'k1' });
    expect(payload['tenant']).toBe('acme');
    expect(payload.exp! - payload.iat!).toBe(30);
  });
});

describe('acceptance: client authentication by a key that signs', () => {
  const registered = {
    key: rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string,
    authentication: 'private_key_jwt',
  } as const;
  const method = 'private_key_jwt';

  it.each([
    ['PEM', pemOf(rsa.privateKey)],
    ['a JWK', rsa.privateKey.export({ format: 'jwk' })],
    ['a key object', rsa.privateKey],
    ['a function', async () => pemOf(rsa.privateKey)],
  ])('62: private_key_jwt by name, the key as %s', async (_form, key) => {
    const { server, session } = await start({ registered, clientAuthentication: { method, key } });
    await answerOf(session);
    expect((await verified(server, rsa.publicKey)).header.alg).toBe('RS256');
    expect(carriedTokens(server)).toEqual([await session.accessToken()]);
  });

  it('62: private_key_jwt by object: algorithm, key identifier, claims and lifetime', async () => {
    const { server, session } = await start({
      registered,
      clientAuthentication: {
        method,
        key: rsa.privateKey,
        alg: 'PS256',
        kid: 'k1',
        claims: { tenant: 'acme' },
        lifetimeSeconds: 30,
      },
    });
    await answerOf(session);
    const { header, payload } = await verified(server, rsa.publicKey);
    expect(header).toEqual({ alg: 'PS256', typ: 'JWT', kid: 'k1' });
    expect(payload['tenant']).toBe('acme');
    expect(payload.exp! - payload.iat!).toBe(30);
  });

  it('62: private_key_jwt with an EC key takes the algorithm from it', async () => {
    const { server, session } = await start({
      registered: { key: ec.publicKey.export({ type: 'spki', format: 'pem' }) as string },
      clientAuthentication: { method, key: ec.privateKey },
    });
    await answerOf(session);
    expect((await verified(server, ec.publicKey)).header.alg).toBe('ES256');
  });
});

describe('acceptance: client authentication by a function', () => {
  it('63: a method of the application moves credentials and body to the URL', async () => {
    const { server, session } = await start({
      registered: { clientSecret: SECRET },
      policy: { lenientTokenRequests: true },
      more: { clientSecret: SECRET, scope: ['read'] },
      clientAuthentication: (request, { clientId, clientSecret }) => {
        const { url, form } = request;
        form.set('client_id', clientId);
        form.set('client_secret', clientSecret!);
        for (const [name, value] of form) url.searchParams.append(name, value);
        for (const name of url.searchParams.keys()) form.delete(name);
      },
    });
    expect((await answerOf(session)).scope).toEqual(['read']);
    const [request] = server.journal.requests('token');
    expect(Object.fromEntries(request!.query)).toEqual({
      grant_type: 'client_credentials',
      scope: 'read',
      client_id: 'client',
      client_secret: SECRET,
    });
    expect([request!.body, request!.headers.authorization]).toEqual(['', undefined]);
  });
});
