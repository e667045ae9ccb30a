import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { signJwt, type Claims } from './fake-authorization-server.jwt.js';

interface SigningKey {
  privateKey: KeyObject;
  jwk: JWK;
}

/** Signs ID tokens; its key is made when it is first needed. */
export class IdTokenSigner {
  #key?: SigningKey;

  constructor(readonly alg: 'ES256' | 'RS256') {}

  sign(claims: Claims, header: Claims = {}): string {
    const { privateKey, jwk } = this.#current();
    return signJwt({ alg: this.alg, typ: 'JWT', kid: jwk.kid, ...header }, claims, privateKey);
  }

  /** The document at `jwks_uri`. */
  jwks(): { keys: JWK[] } {
    return { keys: [this.#current().jwk] };
  }

  /** From now on another key, with another `kid`. */
  rotate(): void {
    this.#key = undefined;
  }

  #current(): SigningKey {
    this.#key ??= newKey(this.alg);
    return this.#key;
  }
}

function newKey(alg: 'ES256' | 'RS256'): SigningKey {
  const { publicKey, privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url').slice(0, 16);
  return { privateKey, jwk: { ...jwk, kid, alg, use: 'sig' } };
}
