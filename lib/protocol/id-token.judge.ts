import { createHash } from 'node:crypto';
import { isSignedBy } from './issuer.js';

/** What an ID token must agree with. OpenID Connect Core 1.0, sections 3.1.3.7 and 3.3.2.11. */
export interface IdTokenExpectations {
  /** The issuer, as its metadata names it. */
  readonly issuer: string;
  readonly clientId: string;
  /** The nonce that was sent; `undefined` where none was, and none is looked at. */
  readonly nonce?: string | undefined;
  /** The access token that came with it, which its `at_hash` is of. */
  readonly accessToken?: string | undefined;
  /** The code that came with it, which its `c_hash` is of. */
  readonly code?: string | undefined;
  /**
   * What an ID token of the same user said before: in the same response, or before a renewal.
   * Sections 3.3.3.6 and 12.2.
   */
  readonly former?: VerifiedClaims | undefined;
  /** Since when the user must have signed in, in epoch seconds, where a `max_age` was sent. */
  readonly signedInSince?: number | undefined;
}

/** Claims of an ID token whose signature, audience and times have been verified. */
export type VerifiedClaims = Readonly<Record<string, unknown>>;

/**
 * What is wrong with an ID token beyond its signature, audience and times, as a clause; `undefined`
 * when nothing is.
 *
 * @param alg - The algorithm it is signed with, which names the hash of `at_hash` and `c_hash`.
 */
export function faultOfIdToken(
  claims: VerifiedClaims,
  alg: string,
  expected: IdTokenExpectations,
): string | undefined {
  const { issuer, clientId, nonce, accessToken, code, former, signedInSince } = expected;
  if (!isSignedBy(issuer, claims)) return 'it is of another issuer';
  const { aud, azp, sub } = claims;
  if (typeof sub !== 'string' || sub === '') return 'it names no subject';
  if (Array.isArray(aud) && aud.length > 1 && azp === undefined) {
    return 'it is for several audiences, and names no authorized party';
  }
  if (azp !== undefined && azp !== clientId) return 'its authorized party is another client';
  if (nonce !== undefined && claims['nonce'] !== nonce) return 'its nonce is not the one sent';
  const contradiction = former && contradictionTo(former, claims);
  if (contradiction !== undefined) return contradiction;
  const since = claims['auth_time'];
  if (signedInSince !== undefined && !(typeof since === 'number' && since >= signedInSince)) {
    return 'the user signed in too long ago, or it does not say when';
  }
  if (!isHashOf(claims['at_hash'], accessToken, alg)) return 'it is of another access token';
  if (code !== undefined && claims['c_hash'] === undefined) return 'it has no hash of the code';
  if (!isHashOf(claims['c_hash'], code, alg)) return 'it is of another code';
  return undefined;
}

/** What cannot have changed since, and has. */
function contradictionTo(former: VerifiedClaims, claims: VerifiedClaims): string | undefined {
  const differs = (name: string) =>
    former[name] !== undefined && claims[name] !== undefined && claims[name] !== former[name];
  if (differs('sub')) return 'it is about another user than before';
  if (differs('iss')) return 'it is of another issuer than before';
  if (differs('nonce')) return 'its nonce is another than before';
  if (differs('auth_time')) return 'the user signed in at another time than before';
  return undefined;
}

/**
 * Why claims that nobody has verified are of somebody else than before, as a clause: what came with
 * them is not to be used, whatever else is wrong with them.
 */
export function otherIdentity(
  { sub, iss }: VerifiedClaims,
  unverified: VerifiedClaims,
): string | undefined {
  return contradictionTo({ sub, iss }, unverified);
}

/** The left half of a hash, of what came with the token; one that is not there says nothing. */
function isHashOf(hash: unknown, value: string | undefined, alg: string): boolean {
  if (hash === undefined || value === undefined) return true;
  const digest = createHash(hashOf(alg)).update(value).digest();
  return hash === digest.subarray(0, digest.length / 2).toString('base64url');
}

function hashOf(alg: string): string {
  // Ed25519 hashes with SHA-512 within; the numbered algorithms say theirs.
  return /^(?:EdDSA|Ed25519)$/.test(alg) ? 'sha512' : `sha${alg.slice(-3)}`;
}
