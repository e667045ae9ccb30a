import { generateKeyPairSync, sign } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  ConfigurationError,
  type JwtBearerGrantOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { machineClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { RenewalBench } from '../support/renewal-bench.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const assertionKeys = {
  robot: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  'robot@project.example': publicKey.export({ type: 'spki', format: 'pem' }) as string,
};

let bench: RenewalBench;
beforeEach(async () => {
  bench = await RenewalBench.start({ assertionKeys });
});

const boot = (
  grant: Partial<JwtBearerGrantOptions>,
  more: Partial<OAuthClientOptions> = {},
): Promise<OAuthSession> =>
  bench.machine({
    grant: { type: 'jwt_bearer', issuer: 'robot', subject: 'robot', ...grant },
    scope: ['read'],
    ...more,
  });

const assertions = () =>
  bench.server.journal.requests('token').map(({ form }) => form.get('assertion')!);

describe('the JWT bearer grant', () => {
  it('signs an assertion by itself at the first call', async () => {
    const session = await boot({ key: pem, kid: 'k1', claims: { tenant: 'acme' } });
    const { data } = await firstValueFrom(session.get('/things'));
    expect(data).toMatchObject({ subject: 'robot', scope: ['read'] });
    const { form } = bench.server.journal.requests('token')[0]!;
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(form.get('scope')).toBe('read');
    expect(decodeProtectedHeader(assertions()[0]!)).toEqual({
      alg: 'ES256',
      kid: 'k1',
      typ: 'JWT',
    });
    const claims = decodeJwt(assertions()[0]!);
    expect(claims).toMatchObject({
      iss: 'robot',
      sub: 'robot',
      aud: bench.server.tokenEndpoint,
      tenant: 'acme',
    });
    expect(claims.exp! - claims.iat!).toBe(3600);
  });

  it('is renewed by a new assertion with a new jti, and a repeated request has one, too', async () => {
    const session = await boot({ key: privateKey });
    await firstValueFrom(session.get('/things'));
    bench.expire();
    bench.server.next('token').respond(503);
    await firstValueFrom(session.get('/things'));
    const ids = assertions().map((assertion) => decodeJwt(assertion).jti);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    const [first, , last] = assertions().map((assertion) => decodeJwt(assertion).iat!);
    expect(last! - first!).toBeGreaterThanOrEqual(3600);
  });

  it('acts for a named subject: for() is the sub of the assertion', async () => {
    const session = await boot({ key: pem });
    const user = session.for('user@corp');
    const { data } = await firstValueFrom(user.get('/things'));
    expect(data).toMatchObject({ subject: 'user@corp' });
    await firstValueFrom(session.get('/things'));
    expect(assertions().map((assertion) => decodeJwt(assertion).sub)).toEqual([
      'user@corp',
      'robot',
    ]);
  });

  it('takes a key file as Google hands it out, the scope in a claim', async () => {
    const keyFile = {
      type: 'service_account',
      client_email: 'robot@project.example',
      private_key: pem,
      private_key_id: 'file-key',
      token_uri: bench.server.tokenEndpoint,
    };
    const session = await bench.machine({
      grant: { type: 'jwt_bearer', keyFile, subject: 'robot' },
      scope: ['read', 'write'],
    });
    await session.accessToken();
    const { form } = bench.server.journal.requests('token')[0]!;
    expect(form.has('scope')).toBe(false);
    expect(decodeJwt(assertions()[0]!)).toMatchObject({
      iss: 'robot@project.example',
      scope: 'read write',
      aud: bench.server.tokenEndpoint,
    });
    expect(decodeProtectedHeader(assertions()[0]!).kid).toBe('file-key');
  });

  it.each<[string, JwtBearerGrantOptions['key']]>([
    ['a JWK', privateKey.export({ format: 'jwk' })],
    ['SEC 1 PEM', privateKey.export({ type: 'sec1', format: 'pem' })],
    ['a function', async () => pem],
  ])('takes the key as %s', async (_form, key) => {
    const session = await boot({ key });
    expect(await session.accessToken()).toBeTruthy();
  });

  it('leaves the signature to a function, as a key management service is', async () => {
    const session = await boot({
      alg: 'ES256',
      sign: async (data, header) => {
        expect(header.alg).toBe('ES256');
        return sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      },
    });
    expect(await session.accessToken()).toBeTruthy();
  });

  it('is a typed error without a key in it where the function fails', async () => {
    const session = await boot({
      alg: 'ES256',
      sign: () => Promise.reject(new Error('the service is down')),
    });
    const error = await failure(session.accessToken(), ConfigurationError);
    expect(error.message).toContain('jwt-bearer');
    expect(bench.tokenRequests).toBe(0);
  });

  it('is judged at boot: key, sign and alg, and options that do not exist', async () => {
    const problems = async (grant: object) => {
      const options = machineClient(bench.server, { grant: { type: 'jwt_bearer', ...grant } });
      const error = await failure(bench.machine(options), ConfigurationError);
      return error.problems.map(({ option }) => option);
    };
    expect(await problems({})).toEqual(['grant.key']);
    expect(await problems({ key: 'no key' })).toEqual(['grant.key']);
    expect(await problems({ sign: () => new Uint8Array() })).toEqual(['grant.alg']);
    expect(await problems({ key: pem, scopein: 'claim' })).toEqual(['grant.scopein']);
    expect(await problems({ keyFile: {} })).toEqual(['grant.keyFile']);
  });
});
