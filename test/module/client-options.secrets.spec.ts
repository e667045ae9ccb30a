import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { ConfigurationError, type OAuthClientOptions } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClient, bootClients, machineClient, startServer } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { bootFailure, good, SECRET, wrong } from './options.fixtures.js';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const own = selfSigned('the client');
const pem = (key: KeyObject, how: object = {}) =>
  key.export({ type: 'pkcs8', format: 'pem', ...how }) as string;
const encrypted = pem(rsa, { cipher: 'aes-256-cbc', passphrase: SECRET });
const sign = () => new Uint8Array();

type Mistake = readonly [given: string, options: object, option: string, message: RegExp];

const by = (authentication: object) => ({
  clientAuthentication: { method: 'private_key_jwt' as const, key: ec, ...authentication },
});
const bearer = (grant: object) => ({ grant: { type: 'jwt_bearer', key: ec, ...grant } });
const JWT: readonly Mistake[] = (
  [
    ['a lifetime as text', { lifetimeSeconds: '60' }, 'lifetimeSeconds', /above 0/],
    ['no lifetime at all', { lifetimeSeconds: 0 }, 'lifetimeSeconds', /above 0/],
    ['a negative lifetime', { lifetimeSeconds: -1 }, 'lifetimeSeconds', /above 0/],
    ['claims as text', { claims: 'a' }, 'claims', /no object/],
    ['a header as a list', { header: [] }, 'header', /no object/],
    ['a kid that is no text', { kid: 5 }, 'kid', /no text/],
    ['a number as audience', { audience: [5] }, 'audience', /no audience/],
    ['an algorithm of other keys', { alg: 'RS256' }, 'alg', /ES256/],
    ['an algorithm that does not exist', { alg: 'NONSENSE' }, 'alg', /ES256/],
    ['no signature', { alg: 'none' }, 'alg', /ES256/],
    ['no signature for a function', { alg: 'none', key: () => ec }, 'alg', /does not go with/],
    ['no signature for a signer', { alg: 'NONE', key: undefined, sign }, 'alg', /signs nothing/],
    ['a key beside a signer', { alg: 'ES256', sign }, 'sign', /beside key/],
    ['an encrypted key', { key: encrypted }, 'key', /encrypted.*createPrivateKey/],
    [
      'a JWK of another algorithm',
      { key: { ...ec.export({ format: 'jwk' }), alg: 'RS256' } },
      'alg',
      /ES256/,
    ],
  ] as const
).flatMap(([what, options, option, message]): Mistake[] => [
  [`${what}, of the client`, by(options), `clientAuthentication.${option}`, message],
  [`${what}, of a service account`, bearer(options), `grant.${option}`, message],
]);

const UNUSED: readonly Mistake[] = (
  [
    ['client_secret_post', { encoding: 'raw' }],
    ['client_secret_basic', { key: ec }],
    ['client_secret_basic', { lifetimeSeconds: 5 }],
    ['client_secret_jwt', { sign }],
    ['private_key_jwt', { key: ec, encoding: 'form' }],
    ['none', { alg: 'ES256' }],
  ] as const
).map(([method, options]): Mistake => {
  const name = Object.keys(options).at(-1)!;
  const option = `clientAuthentication.${name}`;
  const clientAuthentication = { method, ...options };
  return [`${name} with ${method}`, { clientAuthentication }, option, /does not use it/];
});

const OTHERS: readonly Mistake[] = [
  ['a scope of two words', { scope: ['read write'] }, 'scope', /\['read', 'write'\]/],
  ['a scope of two', { scope: ['a,b'], scopeSeparator: ',' }, 'scope', /one by one/],
  ['an empty part of a scope', { scope: [''] }, 'scope', /empty/],
  ['a separator that is none', { scopeSeparator: 5 }, 'scopeSeparator', /text/],
  ...['tokenParams', 'refreshParams', 'authorizationParams'].flatMap((option): Mistake[] => [
    [`a number in ${option}`, { [option]: { n: 5, k: SECRET } }, `${option}.n`, /list of texts/],
    [`grant_type in ${option}`, { [option]: { grant_type: 'x' } }, `${option}.grant_type`, /grant/],
  ]),
  [
    'a number in the parameters of a grant',
    { grant: { type: 'urn:x', params: { n: [5] } } },
    'grant.params.n',
    /list of texts/,
  ],
  ...['password', 'authorization_code', 'implicit', 'device_code'].flatMap((type): Mistake[] => [
    [`${type} as an object`, { grant: { type } }, 'grant.type', new RegExp(`grant: '${type}'`)],
    [
      `${type} by a class`,
      { grant: { type, params: () => ({}) } },
      'grant.type',
      new RegExp(`grant: '${type}'`),
    ],
  ]),
  ['a certificate alone', { transport: { cert: own.cert } }, 'transport.cert', /without key/],
  ['a key alone', { transport: { key: own.key } }, 'transport.key', /without cert/],
  [
    'a certificate that is none',
    { transport: { cert: SECRET, key: own.key } },
    'transport.cert',
    /no certificate/,
  ],
  [
    'a key that is none',
    { transport: { cert: own.cert, key: SECRET } },
    'transport.key',
    /no private key/,
  ],
  [
    'the key of another certificate',
    { transport: { cert: own.cert, key: selfSigned('other').key } },
    'transport.key',
    /not the key/,
  ],
  ['an authority that is none', { transport: { ca: [SECRET] } }, 'transport.ca', /no certificate/],
  [
    'a passphrase that is no text',
    { transport: { ...own, passphrase: 5 } },
    'transport.passphrase',
    /no text/,
  ],
  [
    'a proxy as text',
    { transport: { proxy: `http://me:${SECRET}@proxy` } },
    'transport.proxy',
    /host: …/,
  ],
  ['an adapter that does not exist', { http: { adapter: 'x' } }, 'http.adapter', /function/],
  ['a redirect URI that is no text', { redirectUri: Symbol('x') }, 'redirectUri', /address/],
];

describe('a mistake in the options of a client fails the boot', () => {
  it.each([...JWT, ...UNUSED, ...OTHERS])('%s', async (_given, options, option, message) => {
    const error = await bootFailure({ clients: { billing: { ...good, ...wrong(options) } } });
    const [mistake] = error.problems;
    expect(error.problems.map((problem) => problem.option)).toEqual([option]);
    expect(`${mistake!.problem} ${mistake!.remedy}`).toMatch(message);
    expect(error.message).not.toContain(SECRET);
  });
});

describe('what is no mistake', () => {
  it.each<[string, Partial<OAuthClientOptions>]>([
    ['a space in a scope that something else separates', { scope: ['a b'], scopeSeparator: ',' }],
    ['further claims and a lifetime', by({ claims: { a: 1 }, lifetimeSeconds: 5 })],
    ['another algorithm of the key', by({ key: rsa, alg: 'PS512' })],
    ['a certificate with its key', { transport: own }],
    ['functions', { transport: { cert: () => SECRET, key: async () => SECRET } }],
    ['a proxy', { transport: { proxy: { host: 'proxy', port: 80 } } }],
  ] as [string, Partial<OAuthClientOptions>][])('%s', async (_what, options) => {
    const registry = await bootClients({ clients: { billing: { ...good, ...options } } });
    expect(registry.has('billing')).toBe(true);
  });
});

describe('what a key says of itself', () => {
  it('is used: algorithm and identifier of a JWK, also from a function', async () => {
    const jwk = { ...rsa.export({ format: 'jwk' }), alg: 'PS256', kid: 'of-the-jwk' };
    for (const key of [jwk, () => jwk]) {
      const server = await startServer();
      const session = await bootClient(machineClient(server, by({ key })));
      await session.accessToken().catch(() => undefined);
      const assertion = server.journal.requests('token')[0]!.form.get('client_assertion')!;
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'PS256', kid: 'of-the-jwk' });
    }
  });

  it('gives way to the options', async () => {
    const jwk = { ...rsa.export({ format: 'jwk' }), alg: 'PS256', kid: 'of-the-jwk' };
    const server = await startServer();
    const options = by({ key: jwk, alg: 'RS512', kid: 'mine' });
    const session = await bootClient(machineClient(server, options));
    await session.accessToken().catch(() => undefined);
    const assertion = server.journal.requests('token')[0]!.form.get('client_assertion')!;
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'RS512', kid: 'mine' });
  });
});

describe('the token_uri of a key file', () => {
  const keyFile = { client_email: 'robot@x', private_key: pem(ec) };
  const account = (token_uri: string) => ({
    clientId: 'client',
    grant: { type: 'jwt_bearer', keyFile: { ...keyFile, token_uri } } as const,
  });

  it('is the token endpoint where none is set', async () => {
    const server = await startServer();
    const options = { ...account(server.tokenEndpoint), allowInsecureHttp: true };
    await (await bootClient(options)).accessToken().catch(() => undefined);
    expect(server.journal.count('token')).toBe(1);
  });

  it('is judged as one', async () => {
    const error = await failure(bootClient(account('http://x')), ConfigurationError);
    expect(error.problems).toMatchObject([{ option: 'grant.keyFile.token_uri' }]);
  });
});
