import {
  createHmac,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import type { JWK } from 'jose';
import { FakeProtocolError } from './fake-authorization-server.http.js';

export type Claims = Record<string, unknown>;

/** A compact JWS, taken apart and not yet trusted. */
export interface DecodedJwt {
  header: Claims;
  claims: Claims;
  signed: Buffer;
  signature: Buffer;
}

const DIGESTS: Record<string, string> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };

/** Signs with ES256 or RS256. */
export function signJwt(header: Claims, claims: Claims, key: KeyObject): string {
  const text = [header, claims].map((part) => base64url(JSON.stringify(part))).join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** Takes a compact JWS apart, or throws `invalid_grant`, or what `code` says. */
export function decodeJwt(text: string, code = 'invalid_grant'): DecodedJwt {
  const [header, claims, signature, ...rest] = text.split('.');
  if (!header || !claims || signature === undefined || rest.length > 0) {
    throw new FakeProtocolError(code, 'The assertion is not a JWT of three parts');
  }
  return {
    header: decodePart(header, code),
    claims: decodePart(claims, code),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Whether the signature is the key's: RS, PS, ES, Ed25519 and (with a secret) HS. */
export function isSignedBy(
  jwt: DecodedJwt,
  key: { publicKey: string | JWK } | { secret: string },
): boolean {
  const alg = String(jwt.header.alg);
  const digest = DIGESTS[alg.slice(2)];
  if ('secret' in key) {
    if (!alg.startsWith('HS') || !digest) return false;
    const expected = createHmac(digest, key.secret).update(jwt.signed).digest();
    return expected.length === jwt.signature.length && timingSafeEqual(expected, jwt.signature);
  }
  const publicKey = publicKeyOf(key.publicKey);
  if (alg === 'EdDSA' || alg === 'Ed25519') {
    return (
      publicKey.asymmetricKeyType === 'ed25519' &&
      verify(null, jwt.signed, publicKey, jwt.signature)
    );
  }
  const family = { RS: 'rsa', PS: 'rsa', ES: 'ec' }[alg.slice(0, 2)];
  if (!digest || family === undefined || publicKey.asymmetricKeyType !== family) return false;
  // 6 is RSA_PKCS1_PSS_PADDING.
  const padding = alg.startsWith('PS') ? { padding: 6 } : {};
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' as const, ...padding };
  return verify(digest, jwt.signed, options, jwt.signature);
}

/** Judges `aud`, `exp` and `nbf` of an assertion (RFC 7523 section 3). */
export function judgeAssertion(
  claims: Claims,
  audiences: readonly string[],
  now: number,
  code = 'invalid_grant',
): void {
  const problem = assertionProblem(claims, audiences, now);
  if (problem) throw new FakeProtocolError(code, problem);
}

function assertionProblem(
  claims: Claims,
  audiences: readonly string[],
  now: number,
): string | undefined {
  if (typeof claims.iss !== 'string' || typeof claims.sub !== 'string') {
    return 'The assertion needs iss and sub';
  }
  const aud: unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!aud.some((one) => audiences.includes(String(one)))) {
    return 'The assertion is meant for another audience';
  }
  if (typeof claims.exp !== 'number' || claims.exp <= now) return 'The assertion has expired';
  if (typeof claims.nbf === 'number' && claims.nbf > now) return 'The assertion is not valid yet';
  return undefined;
}

function publicKeyOf(key: string | JWK): KeyObject {
  return typeof key === 'string' ? createPublicKey(key) : createPublicKey({ key, format: 'jwk' });
}

function decodePart(part: string, code: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Claims;
  } catch {
    // Rubbish is judged below, as is JSON that is no object.
  }
  throw new FakeProtocolError(code, 'The assertion is not a JWT');
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
