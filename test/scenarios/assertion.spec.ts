import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { decodeJwt, jwtVerify } from 'jose';
import {
  ConfigurationError,
  type JwtBearerGrantOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { RenewalBench } from '../support/renewal-bench.js';
import { answerOf, carriedTokens } from './fixtures-state.js';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const assertionKeys = { robot: publicKey.export({ type: 'spki', format: 'pem' }) as string };

let bench: RenewalBench;
beforeEach(async () => {
  bench = await RenewalBench.start({ assertionKeys });
});

const boot = (
  grant: Partial<JwtBearerGrantOptions> = {},
  more: Partial<OAuthClientOptions> = {},
): Promise<OAuthSession> =>
  bench.machine({
    grant: { type: 'jwt_bearer', issuer: 'robot', subject: 'robot', key: privateKey, ...grant },
    ...more,
  });
const forms = () => bench.server.journal.requests('token').map(({ form }) => form);
const assertions = () => forms().map((form) => form.get('assertion')!);
const identifiers = () => assertions().map((assertion) => decodeJwt(assertion).jti);

describe('acceptance: assertion session', () => {
  it('67: fetches its token on the first request and reuses it after', async () => {
    const session = await boot();
    expect(bench.server.journal.count()).toBe(0);
    expect((await answerOf(session)).subject).toBe('robot');
    await answerOf(session, '/more');
    expect(forms().map((form) => form.get('grant_type'))).toEqual([GRANT_TYPE]);
    const token = await session.accessToken();
    expect(carriedTokens(bench.server)).toEqual([token, token]);
  });

  it('67: renews by a new assertion once the token has expired', async () => {
    const session = await boot();
    await answerOf(session);
    bench.expire();
    await answerOf(session);
    expect(forms().map((form) => form.get('grant_type'))).toEqual([GRANT_TYPE, GRANT_TYPE]);
    expect(new Set(assertions()).size).toBe(2);
  });

  it('68: an assertion with fixed times, header algorithm, scope and extra claims', async () => {
    const iat = Math.trunc(bench.clock.now() / 1000) - 5;
    const times = { iat, nbf: iat, exp: iat + 123 };
    const claims = { ...times, tenant: 'acme', list: [1, 2] };
    const session = await boot(
      { alg: 'RS384', header: { kid: 'k1', 'x-own': 'yes' }, claims },
      { scope: ['read', 'write'] },
    );
    expect((await answerOf(session)).scope).toEqual(['read', 'write']);
    const [form] = forms();
    expect([...form!.keys()].sort()).toEqual(['assertion', 'grant_type', 'scope']);
    expect(form!.get('scope')).toBe('read write');
    const { payload, protectedHeader } = await jwtVerify(form!.get('assertion')!, publicKey);
    expect(protectedHeader).toEqual({ alg: 'RS384', typ: 'JWT', kid: 'k1', 'x-own': 'yes' });
    expect(payload).toMatchObject({
      ...claims,
      iss: 'robot',
      sub: 'robot',
      aud: bench.server.tokenEndpoint,
    });
  });

  it('68: an assertion without a subject says nothing of one', async () => {
    const { refresh_token: _none, ...token } = bench.server.issueTokens();
    bench.server.next('token').respondJson(200, token);
    const session = await bench.machine({
      grant: { type: 'jwt_bearer', issuer: 'robot', key: privateKey },
    });
    await answerOf(session);
    const { payload } = await jwtVerify(assertions()[0]!, publicKey, { issuer: 'robot' });
    expect(payload).not.toHaveProperty('sub');
    expect(carriedTokens(bench.server)).toEqual([token.access_token]);
  });

  it('68: the scope may be a claim instead of a parameter', async () => {
    const session = await boot({ scopeIn: 'claim' }, { scope: ['read', 'write'] });
    await answerOf(session);
    expect(forms()[0]!.has('scope')).toBe(false);
    const { payload } = await jwtVerify(assertions()[0]!, publicKey);
    expect(payload['scope']).toBe('read write');
  });

  it('69: a missing algorithm is refused at boot where a function signs', async () => {
    const grant = { type: 'jwt_bearer', issuer: 'robot', sign: () => new Uint8Array() } as const;
    const error = await failure(bench.machine({ grant }), ConfigurationError);
    expect(error.problems.map(({ option }) => option)).toEqual(['grant.alg']);
    expect(bench.server.journal.count()).toBe(0);
  });

  it('69: a missing algorithm is refused where the key does not tell it, and nothing is sent', async () => {
    const { privateKey: key } = generateKeyPairSync('x25519');
    const grant = { type: 'jwt_bearer', issuer: 'robot', key } as const;
    const start = async () => answerOf(await bench.machine({ grant }));
    await failure(start, ConfigurationError);
    expect(bench.server.journal.count()).toBe(0);
  });

  it('69: port: a key that tells its algorithm needs no other', async () => {
    await answerOf(await boot());
    const { protectedHeader } = await jwtVerify(assertions()[0]!, createPublicKey(privateKey));
    expect(protectedHeader.alg).toBe('RS256');
  });

  it('69: a function signs with the algorithm that is named', async () => {
    const session = await bench.machine({
      grant: {
        type: 'jwt_bearer',
        issuer: 'robot',
        subject: 'robot',
        alg: 'RS256',
        sign: (data) => sign('sha256', data, privateKey),
      },
    });
    await answerOf(session);
    const { protectedHeader } = await jwtVerify(assertions()[0]!, publicKey);
    expect(protectedHeader.alg).toBe('RS256');
  });

  it('70: a jti is there by default, and unique per renewal', async () => {
    const session = await boot();
    await answerOf(session);
    await session.refreshToken();
    bench.expire();
    await answerOf(session);
    expect(identifiers()).toEqual(Array.from({ length: 3 }, () => expect.any(String) as string));
    expect(new Set(identifiers()).size).toBe(3);
  });

  it("70: the caller's own jti is kept", async () => {
    const session = await boot({ claims: { jti: 'mine' } });
    await answerOf(session);
    await session.refreshToken();
    expect(identifiers()).toEqual(['mine', 'mine']);
  });
});
