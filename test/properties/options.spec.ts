import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import {
  ConfigurationError,
  MemoryTokenStore,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { leaks, lineOf } from '../support/leaks.js';
import { bootFailure } from './options.boot.js';
import { holds } from './properties.js';

const SECRET = 'client-secret-5vXc9Rb2';
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const JWK = KEY.privateKey.export({ format: 'jwk' });
const SECRETS = { secret: SECRET, 'private key': lineOf(PEM), 'private JWK': JWK.d! };

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({
    maxDepth: 2,
    maxKeys: 3,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
  fc.constantFrom<unknown>(
    ...['', ' ', 'true', 'false', 'https://x.example', 'http://x.example', 'https://', 'x', '5'],
    ...[0, 1, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 10n, true, false, null, undefined],
    ...[
      Symbol('a symbol'),
      () => undefined,
      class Fix {},
      /x/,
      new Error('an error'),
      [null],
      [[]],
    ],
    ...[Object.create(null), Promise.resolve(5), Object.freeze({}), new URL('https://x.example')],
  ),
);

/** A key in every form, right, cut or wrapped: none of it may be seen in an error. */
const key: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(PEM, JWK, Buffer.from(PEM), () => PEM, [PEM], { pem: PEM }, SECRET),
  fc.nat(PEM.length).map((at) => PEM.slice(0, at)),
  fc.nat(PEM.length).map((at) => PEM.slice(at)),
  fc.subarray(Object.keys(JWK)).map((names) => pick(JWK, names)),
  anything,
);
type Values = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Few of the options there are, each with what fits it, or with anything: many hide each other. */
function some(of: Values, maxLength: number): fc.Arbitrary<Record<string, unknown>> {
  const either = (name: string) => fc.oneof({ weight: 2, arbitrary: of[name]! }, anything);
  const all = Object.keys(of);
  return fc
    .subarray(all, { maxLength: Math.min(maxLength, all.length) })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, either(name)]))));
}

function group(of: Values): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: some(of, 2) }, anything);
}

const oneOf = (...values: unknown[]) => fc.constantFrom(...values);
const addresses = oneOf('https://a.example', 'https://u:p@a.example/#x', 'ftp://a.example', '/x');

const authentication = group({
  method: oneOf('client_secret_basic', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth'),
  encoding: oneOf('form', 'raw', 'utf8'),
  key,
  sign: oneOf(() => new Uint8Array()),
  alg: oneOf('ES256', 'HS256', 'none'),
});
const transport = group({
  ca: key,
  cert: key,
  key,
  passphrase: oneOf(SECRET),
  timeout: oneOf(0, 5),
  httpAgent: anything,
  httpsAgent: anything,
  lookup: anything,
  proxy: oneOf(false, { host: 'x', port: 5, auth: { username: 'u', password: SECRET } }),
});
const http = group({
  headers: oneOf(
    { Authorization: SECRET },
    { common: { authorization: SECRET } },
    { 'X-Y': SECRET },
  ),
  auth: oneOf({ username: 'u', password: SECRET }),
  params: oneOf({ key: SECRET }),
  timeout: oneOf(0, 5),
  baseURL: addresses,
  adapter: oneOf('http', 'x', 5, null),
  validateStatus: anything,
});
const refresh = group({ leewaySeconds: oneOf(0, 5), concurrency: oneOf(1), timeoutMs: oneOf(5) });
const params = group({ key: oneOf(SECRET) });

const CLIENT = {
  clientId: anything,
  clientSecret: oneOf(SECRET, [SECRET], { secret: SECRET }, () => SECRET, ''),
  clientAuthentication: authentication,
  revocationAuthentication: authentication,
  introspectionAuthentication: authentication,
  issuer: addresses,
  metadataUrl: addresses,
  authorizationEndpoint: addresses,
  deviceAuthorizationEndpoint: addresses,
  tokenEndpoint: addresses,
  revocationEndpoint: addresses,
  introspectionEndpoint: addresses,
  userinfoEndpoint: addresses,
  grant: fc.oneof(
    oneOf('client_credentials', 'password', 'implicit', 'device_code', 'clientcredentials'),
    group({
      type: oneOf('jwt_bearer', 'urn:x'),
      params,
      key,
      keyFile: group({ client_email: oneOf('a@b.example'), private_key: key }),
      scopeIn: oneOf('claim', 'parameter'),
    }),
  ),
  shared: oneOf(true, false),
  scope: oneOf(['a'], [], 'a b', [1]),
  scopeSeparator: oneOf(','),
  redirectUri: addresses,
  pkce: oneOf('S256', 'plain', false),
  state: oneOf(() => 'state'),
  authorizationParams: params,
  tokenParams: params,
  refreshParams: params,
  tokenPlacement: oneOf('header', 'body', 'query'),
  scopePolicy: oneOf('ignore', 'warn', 'missing', 'strict'),
  defaultExpiresInSeconds: oneOf(5, 0.5),
  fixes: oneOf([], ['x'], [{}]),
  provider: oneOf('slack'),
  baseURL: fc.oneof(
    addresses,
    oneOf(() => 'https://a.example'),
  ),
  allowedOrigins: oneOf(['https://*.a.example'], ['https://*'], ['https://u:p@a.example/?k=v'], []),
  deadGrantErrors: oneOf(['invalid_grant']),
  http,
  transport,
  refresh,
  allowInsecureHttp: oneOf(true, false),
} satisfies Partial<Record<keyof OAuthClientOptions, unknown>>;
const MODULE = {
  clients: oneOf({}, { '': {} }, { client: null }, 'client', ['client']),
  store: oneOf(new MemoryTokenStore(), MemoryTokenStore, { get() {}, set() {}, delete() {} }),
  authorizationRequestStore: oneOf({ save() {}, take() {} }, { save: 5, take: 5 }),
  cache: group({ maxEntries: oneOf(1, 5), maxAgeSeconds: oneOf(0, 0.5) }),
  clock: oneOf({ now: () => 5 }, Date),
  http,
  transport,
  refresh,
} satisfies Partial<Record<keyof OAuthClientModuleOptions, unknown>>;

const GOOD: OAuthClientOptions = {
  clientId: 'client',
  clientSecret: SECRET,
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
};

const options = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(some(CLIENT, 1), fc.constant({})) },
    { weight: 2, arbitrary: fc.tuple(fc.constant({}), some(MODULE, 1)) },
    { weight: 1, arbitrary: fc.tuple(some(CLIENT, 3), some(MODULE, 2)) },
  )
  .map(([client, module]) => ({ clients: { client: { ...GOOD, ...client } }, ...module }));

/** The one error there may be: it lists every problem, and shows no secret. */
function expectListed(error: unknown): void {
  expect(error).toBeInstanceOf(ConfigurationError);
  const { problems, message } = error as ConfigurationError;
  // A class without hooks is found last, and named alone.
  expect(problems.length > 0 || / in fixes /.test(message)).toBe(true);
  for (const { option } of problems) expect(message).toContain(`option "${option}"`);
  expect(leaks(error, SECRETS)).toEqual([]);
}

describe('whatever the options are', () => {
  it('an application boots, or one error lists what is wrong and shows no secret', async () => {
    let [booted, refused] = [0, 0];
    const property = fc.asyncProperty(options, async (given) => {
      const error = await bootFailure(given);
      if (error === undefined) return void (booted += 1);
      refused += 1;
      expectListed(error);
    });
    await holds('options', property);
    expect(booted).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(200);
  }, 60_000);
});

function pick(from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
