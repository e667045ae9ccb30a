import { createPublicKey, createSign, generateKeyPairSync, verify } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAuthorizationServer } from '../../lib/testing/fake-authorization-server.js';
import {
  authorizationUrl,
  call,
  codeOf,
  exchange,
  type Json,
  post,
  token,
} from './fake-authorization-server.support.js';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await FakeAuthorizationServer.start();
});
afterEach(() => server.stop());

describe('OpenID Connect', () => {
  it.each(['ES256', 'RS256'] as const)('signs ID tokens with %s', async (idTokenAlg) => {
    const own = await FakeAuthorizationServer.start({ idTokenAlg });
    try {
      own.clock.advance(5000);
      const url = authorizationUrl(own, { scope: 'openid', nonce: 'n-1' });
      const answer = await exchange(own, codeOf(await own.authorize(url)));
      const [header = '', claims = '', signature = ''] = String(answer.id_token).split('.');
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
        iss: own.issuer,
        aud: 'client',
        sub: 'alice',
        nonce: 'n-1',
        iat: expect.closeTo(own.clock.now(), -1),
      });
      const { keys } = (await (await fetch(own.jwksUri)).json()) as { keys: Json[] };
      const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Json;
      expect([kid, alg]).toEqual([keys[0]?.kid, idTokenAlg]);
      const key = {
        key: createPublicKey({ key: keys[0] as JsonWebKey, format: 'jwk' }),
        dsaEncoding: 'ieee-p1363' as const,
      };
      const signed = Buffer.from(`${header}.${claims}`);
      expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    } finally {
      await own.stop();
    }
  });

  it('changes its key when told', async () => {
    const read = async () => (await (await fetch(server.jwksUri)).json()) as { keys: Json[] };
    const before = await read();
    expect(await read()).toEqual(before);
    server.rotateSigningKey();
    const after = await read();
    expect(after.keys).toHaveLength(1);
    expect(after.keys[0]?.kid).not.toBe(before.keys[0]?.kid);
    const [header = ''] = server.signIdToken({ sub: 'x' }, { extra: 1 }).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      typ: 'JWT',
      kid: after.keys[0]?.kid,
      extra: 1,
    });
  });

  it('has a userinfo endpoint', async () => {
    const read = (value: string) => {
      return fetch(server.userinfoEndpoint, { headers: { Authorization: `Bearer ${value}` } });
    };
    const good = await read(server.issueTokens({ scope: 'openid' }).access_token);
    expect(await good.json()).toMatchObject({ sub: 'alice' });
    const bad = await read(server.issueTokens({ scope: 'other' }).access_token);
    expect(bad.status).toBe(403);
    expect(bad.headers.get('www-authenticate')).toContain('insufficient_scope');
  });
});

describe('further grants', () => {
  it('password', async () => {
    const form = { grant_type: 'password', username: 'dave', password: 'pw' };
    expect(await token(server, form)).toMatchObject({ refresh_token: expect.any(String) });
    expect(server.journal.tokenRequests('password')).toMatchObject([{ subject: 'dave' }]);
    const strict = await FakeAuthorizationServer.start({ passwords: { dave: 'other' } });
    expect(await token(strict, form)).toMatchObject({ error: 'invalid_grant' });
    await strict.stop();
  });

  it('implicit', async () => {
    const url = authorizationUrl(server, { response_type: 'token', code_challenge: '' });
    const callback = new URL(await server.authorize(url));
    expect(callback.search).toBe('');
    const fields = Object.fromEntries(new URLSearchParams(callback.hash.slice(1)));
    expect(fields).toMatchObject({ token_type: 'Bearer', expires_in: '3600', state: 'the-state' });
    expect(fields).not.toHaveProperty('refresh_token');
    expect((await call(server, fields.access_token)).status).toBe(200);
  });

  it('device code', async () => {
    const begin = async () => {
      const response = await post(server.deviceAuthorizationEndpoint, { scope: 'tv' });
      return (await response.json()) as {
        device_code: string;
        user_code: string;
        interval: number;
      };
    };
    const device = await begin();
    const poll = async (deviceCode = device.device_code) => {
      const answer = await token(server, { grant_type: DEVICE_CODE, device_code: deviceCode });
      return answer.error ?? answer.scope;
    };
    expect(device.interval).toBe(5);
    expect(await poll()).toBe('authorization_pending');
    expect(await poll()).toBe('slow_down');
    server.clock.advance(6);
    expect(await poll()).toBe('slow_down');
    server.approveDevice(device.user_code, 'erin');
    server.clock.advance(15);
    expect(await poll()).toBe('tv');
    expect(server.journal.entries('token').at(-1)).toMatchObject({ subject: 'erin' });
    expect(await poll()).toBe('invalid_grant');

    const denied = await begin();
    server.denyDevice(denied.user_code);
    expect(await poll(denied.device_code)).toBe('access_denied');
    const late = await begin();
    server.clock.advance(600);
    expect(await poll(late.device_code)).toBe('expired_token');
    expect(() => server.denyDevice('NOPE')).toThrow('No device');
  });

  it('JWT bearer, and client assertions', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = publicKey.export({ format: 'jwk' });
    const jwt = (claims: Json) => {
      const all = { aud: server.tokenEndpoint, exp: Date.now() / 1000 + 60, ...claims };
      const parts = [{ alg: 'ES256' }, all].map((one) => {
        return Buffer.from(JSON.stringify(one)).toString('base64url');
      });
      const signing = createSign('sha256').update(parts.join('.'));
      const signature = signing.sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
      return [...parts, signature.toString('base64url')].join('.');
    };
    const bearer = (claims: Json) => {
      return token(server, { grant_type: JWT_BEARER, assertion: jwt(claims), scope: 'x' }, {});
    };
    expect(await bearer({ iss: 'robot', sub: 'frank' })).toMatchObject({ status: 200, scope: 'x' });
    expect(server.journal.entries()).toMatchObject([{ client: 'robot', subject: 'frank' }]);
    expect(await bearer({ iss: 'robot' })).toMatchObject({ error: 'invalid_grant' });
    expect(await bearer({ iss: 'r', sub: 's', exp: 1 })).toMatchObject({ error: 'invalid_grant' });
    expect(await bearer({ iss: 'r', sub: 's', aud: 'x' })).toMatchObject({
      error: 'invalid_grant',
    });

    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const strict = await FakeAuthorizationServer.start({ assertionKeys: { robot: pem } });
    const aud = [strict.issuer];
    const signed = jwt({ iss: 'robot', sub: 'frank', aud });
    const form = { grant_type: JWT_BEARER, assertion: signed };
    expect((await token(strict, form, {})).status).toBe(200);
    form.assertion = `${signed.slice(0, -6)}AAAAAA`;
    expect(await token(strict, form, {})).toMatchObject({ error: 'invalid_grant' });
    await strict.stop();

    server.register({ clientId: 'keyed', key, authentication: 'private_key_jwt' });
    const client = (assertion: string) => {
      const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE };
      return token(server, { ...form, client_assertion: assertion }, {});
    };
    const good = jwt({ iss: 'keyed', sub: 'keyed', jti: '1' });
    expect((await client(good)).status).toBe(200);
    expect(await client(good)).toMatchObject({ status: 401, error: 'invalid_client' });
    const forged = `${jwt({ iss: 'keyed', sub: 'keyed', jti: '2' }).slice(0, -6)}AAAAAA`;
    expect(await client(forged)).toMatchObject({ status: 401, error: 'invalid_client' });
    expect(await client('rubbish')).toMatchObject({ status: 401, error: 'invalid_client' });
  });
});
