import type { CryptoKey, JWTPayload, JWTVerifyOptions, ProtectedHeaderParameters } from 'jose';
import { faultOfIdToken, type IdTokenExpectations } from '../protocol/id-token.judge.js';
import { isSignedBy } from '../protocol/issuer.js';
import type { IdTokenClaims } from '../protocol/token-record.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { ServerKeys } from './server-keys.js';
import type { ServerMetadata } from './server-metadata.js';

/** What an ID token may be signed with where no metadata says so: anything but nothing. */
const ALGORITHMS = [
  'RS256',
  'PS256',
  'ES256',
  'EdDSA',
  'Ed25519',
  'RS384',
  'RS512',
  'PS384',
  'PS512',
  'ES384',
  'ES512',
];
/** How far clocks may be apart, in seconds. */
const TOLERANCE_SECONDS = 30;

/** Why an ID token, or another signed answer, is not to be believed, as a clause. */
export class SignedTokenFault extends Error {}

/** What an ID token is verified against, beside what the client knows itself. */
export type IdTokenContext = Omit<IdTokenExpectations, 'issuer' | 'clientId'>;

/**
 * Verifies what the authorization server has signed: algorithm, signature, issuer, audience, times,
 * nonce, hashes. OpenID Connect Core 1.0, section 3.1.3.7.
 */
export class IdTokens {
  readonly #settings: Pick<ClientSettings, 'clientId'>;
  readonly #metadata: ServerMetadata;
  readonly #keys: ServerKeys;
  readonly #clock: Clock;

  constructor(
    settings: Pick<ClientSettings, 'clientId'>,
    parts: { metadata: ServerMetadata; keys: ServerKeys; clock: Clock },
  ) {
    this.#settings = settings;
    this.#metadata = parts.metadata;
    this.#keys = parts.keys;
    this.#clock = parts.clock;
  }

  /** Reads the server's keys, so that nothing is spent on a token that could not be verified. */
  async ready(): Promise<void> {
    await this.#keys.ready();
  }

  /** The claims of an ID token; a {@link SignedTokenFault} when it is not to be believed. */
  async verify(idToken: string, context: IdTokenContext): Promise<IdTokenClaims> {
    const { clientId } = this.#settings;
    const { issuer, idToken: named } = await this.#metadata.signer();
    const { claims, alg } = await this.#signed(idToken, named, {
      audience: clientId,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
    });
    const { signedInSince: since } = context;
    const signedInSince = since === undefined ? undefined : since - TOLERANCE_SECONDS;
    const expected = { ...context, signedInSince, issuer, clientId };
    const fault = faultOfIdToken(claims, alg, expected);
    if (fault !== undefined) throw new SignedTokenFault(fault);
    return claims as IdTokenClaims;
  }

  /** The claims of a signed answer about the user. OpenID Connect Core 1.0, section 5.3.2. */
  async verifyUserinfo(jwt: string): Promise<JWTPayload> {
    const { issuer, userinfo } = await this.#metadata.signer();
    const { claims } = await this.#signed(jwt, userinfo, {});
    const { iss, aud } = claims;
    if (iss !== undefined && !isSignedBy(issuer, claims)) {
      throw new SignedTokenFault('it is of another issuer');
    }
    if (aud !== undefined && ![aud].flat().includes(this.#settings.clientId)) {
      throw new SignedTokenFault('it is for another client');
    }
    return claims;
  }

  async #signed(
    jwt: string,
    named: readonly string[] | undefined,
    demands: { audience?: string; requiredClaims?: string[] },
  ): Promise<{ claims: JWTPayload; alg: string }> {
    const algorithms = (named ?? ALGORITHMS).filter((alg) => ALGORITHMS.includes(alg));
    const header = await headerOf(jwt);
    if (!header.alg || !algorithms.includes(header.alg)) {
      throw new SignedTokenFault('it is not signed with an algorithm that the server names');
    }
    const { alg } = header;
    const options = {
      ...demands,
      algorithms,
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(this.#clock.now()),
    };
    const known = await verifiedBy(await this.#keys.candidates({ ...header, alg }), jwt, options);
    if (known) return { claims: known, alg };
    // A server may have rotated a key that has no name, or the name of the former one.
    const anew = await this.#keys.candidatesAnew({ ...header, alg });
    const claims = await verifiedBy(anew, jwt, options);
    if (claims) return { claims, alg };
    this.#keys.fruitless();
    throw new SignedTokenFault(
      anew.length === 0
        ? 'it is signed with a key that the server does not name'
        : 'its signature is wrong',
    );
  }
}

/** The claims, where one of the keys has signed them; what is wrong with them is thrown. */
async function verifiedBy(
  keys: readonly CryptoKey[],
  jwt: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload | undefined> {
  for (const key of keys) {
    try {
      return await verified(jwt, key, options);
    } catch (error) {
      const fault = await faultOf(error);
      if (fault !== undefined) throw new SignedTokenFault(fault);
    }
  }
  return undefined;
}

async function verified(
  jwt: string,
  key: CryptoKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  // Loaded where it is needed: many clients never see a signed token.
  const { errors, jwtVerify } = await import('jose');
  const { payload } = await jwtVerify(jwt, key, options);
  // A token from the future is as wrong as one from the past; jose looks at `nbf` and `exp` alone.
  const now = (options.currentDate?.getTime() ?? 0) / 1000;
  if (payload.iat !== undefined && payload.iat > now + TOLERANCE_SECONDS) {
    throw new errors.JWTClaimValidationFailed('', payload, 'iat');
  }
  return payload;
}

async function headerOf(jwt: string): Promise<ProtectedHeaderParameters> {
  const { decodeProtectedHeader } = await import('jose');
  try {
    return decodeProtectedHeader(jwt);
  } catch {
    throw new SignedTokenFault('it is no signed token');
  }
}

/** In our own words, since what jose says may hold claims; `undefined`: it is the signature. */
async function faultOf(error: unknown): Promise<string | undefined> {
  const { errors } = await import('jose');
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud'
      ? 'it is for another client'
      : `its ${error.claim} is missing or wrong`;
  }
  return undefined;
}
