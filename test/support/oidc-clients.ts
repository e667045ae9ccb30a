import { constants, generateKeyPairSync, sign } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import type { ClientAuthentication, OAuthClientOptions, SignFunction } from 'nestjs-oauth-client';

/** A way to prove who the client is: how the server knows it, and how the client is configured. */
export interface AuthenticationWay {
  readonly metadata: ClientMetadata;
  readonly options: Pick<OAuthClientOptions, 'clientId' | 'clientSecret' | 'clientAuthentication'>;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = {
  RS256: rsa,
  PS256: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: generateKeyPairSync('ed25519'),
  EdDSA: generateKeyPairSync('ed25519'),
};
type Algorithm = keyof typeof keys;

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
const signers: Record<Algorithm, (data: Uint8Array) => Uint8Array> = {
  RS256: (data) => sign('sha256', data, keys.RS256.privateKey),
  PS256: (data) => sign('sha256', data, { key: keys.PS256.privateKey, ...PSS }),
  ES256: (data) => sign('sha256', data, { key: keys.ES256.privateKey, dsaEncoding: 'ieee-p1363' }),
  Ed25519: (data) => sign(null, data, keys.Ed25519.privateKey),
  EdDSA: (data) => sign(null, data, keys.EdDSA.privateKey),
};

/** Every printable character that means something in a form, a URL or a Basic header. */
const SECRET = `s:e+c r%e%20t&=/?#~*'()"\\;,@[]{}`;

const withSecret = (
  method: 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt',
  clientId = 'machine',
): AuthenticationWay => ({
  metadata: {
    client_id: clientId,
    client_secret: SECRET,
    token_endpoint_auth_method: method,
    ...(method === 'client_secret_jwt' && { token_endpoint_auth_signing_alg: 'HS256' }),
  },
  options: { clientId, clientSecret: SECRET, clientAuthentication: { method } },
});

const withKey = (
  alg: Algorithm,
  clientAuthentication: ClientAuthentication,
): AuthenticationWay => ({
  metadata: {
    client_id: 'machine',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    jwks: { keys: [{ ...keys[alg].publicKey.export({ format: 'jwk' }) }] },
  },
  options: { clientId: 'machine', clientAuthentication },
});

const method = 'private_key_jwt';
const asPem = (alg: Algorithm) => {
  const key = keys[alg].privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return withKey(alg, { method, alg, key });
};
const asJwk = (alg: Algorithm) =>
  withKey(alg, { method, alg, key: keys[alg].privateKey.export({ format: 'jwk' }) });
const asFunction = (alg: Algorithm) => {
  const signer: SignFunction = async (data, header) => signers[header.alg as Algorithm](data);
  return withKey(alg, { method, alg, sign: signer });
};

const algorithms: Algorithm[] = ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'];

/** Every way that a confidential client can take without a certificate, by what a test calls it. */
export const authenticationWays: [string, AuthenticationWay][] = [
  ['client_secret_basic', withSecret('client_secret_basic')],
  [
    'client_secret_basic with an identifier that is encoded',
    withSecret('client_secret_basic', 'a:client+1 100%'),
  ],
  ['client_secret_post', withSecret('client_secret_post')],
  [
    'client_secret_post with an identifier that is encoded',
    withSecret('client_secret_post', 'a:client+1 100%'),
  ],
  ['client_secret_jwt with HS256', withSecret('client_secret_jwt')],
  ...algorithms.flatMap((alg): [string, AuthenticationWay][] => [
    [`private_key_jwt with ${alg} and a key in PEM`, asPem(alg)],
    [`private_key_jwt with ${alg} and a JWK`, asJwk(alg)],
    [`private_key_jwt with ${alg} and a signing function`, asFunction(alg)],
  ]),
];

/** A way that needs no secret of the server's choosing. */
export const keyWay = asPem('ES256');

/** A key that the server does not know. */
export const strangeKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
