import { createPrivateKey, KeyObject } from 'node:crypto';

/**
 * A private key: PEM (PKCS#8, PKCS#1 or SEC 1), a JWK, or a key that Node or WebCrypto has made.
 * A secret.
 */
export type PrivateKeyMaterial = string | Buffer | JsonWebKey | KeyObject | CryptoKey;

/**
 * Signs outside this process, such as in a key management service.
 *
 * @param data - What to sign.
 * @param header - The protected header; `alg` says how. ECDSA signatures are to be returned in the
 * form of RFC 7518, section 3.4: R and S one after the other.
 */
export type SignFunction = (
  data: Uint8Array,
  header: Readonly<Record<string, unknown>> & { readonly alg: string },
) => Uint8Array | Promise<Uint8Array>;

/** Where a signature comes from: a key (or a function that is asked for it at every use), or a signer. */
export interface SignerOptions {
  /** The private key. */
  key?: PrivateKeyMaterial | (() => PrivateKeyMaterial | Promise<PrivateKeyMaterial>);
  /** Signs in place of a key. */
  sign?: SignFunction;
  /** The algorithm; a JWK's own, or the usual one of the key, when left out. RFC 7518, section 3.1. */
  alg?: string;
  /** The key's identifier, as the server knows it; a JWK's own when left out. */
  kid?: string;
}

const RSA_PSS: readonly string[] = ['PS256', 'PS384', 'PS512'];
const RSA: readonly string[] = ['RS256', 'RS384', 'RS512', ...RSA_PSS];
const CURVES: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};

/** Every algorithm that a private key can be used with. */
export const KEY_ALGORITHMS: readonly string[] = [
  ...RSA,
  ...Object.values(CURVES).flat(),
  'EdDSA',
  'Ed25519',
];

/** A key as Node's crypto takes it. Throws a plain error for what is no private key. */
export function privateKeyOf(material: PrivateKeyMaterial): KeyObject {
  if (material instanceof KeyObject) return material;
  if (material instanceof CryptoKey) return KeyObject.from(material);
  if (typeof material === 'string' || Buffer.isBuffer(material)) return createPrivateKey(material);
  return createPrivateKey({ key: material as never, format: 'jwk' });
}

/** What a JWK says of its use; keys in other forms say nothing. RFC 7517, sections 4.4 and 4.5. */
export function toldBy(material: PrivateKeyMaterial): { alg?: string; kid?: string } {
  if (typeof material !== 'object' || Buffer.isBuffer(material)) return {};
  if (material instanceof KeyObject || material instanceof CryptoKey) return {};
  const { alg, kid } = material as { alg?: unknown; kid?: unknown };
  return { ...(typeof alg === 'string' && { alg }), ...(typeof kid === 'string' && { kid }) };
}

/** The algorithm that a key is used with, where nothing else is asked for. */
export function algorithmOf(key: KeyObject): string | undefined {
  return algorithmsOf(key)[0];
}

/** The algorithms that a key can be used with, the usual one first. RFC 7518, section 3.1; RFC 8037. */
export function algorithmsOf(key: KeyObject): readonly string[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return RSA;
    case 'rsa-pss':
      return RSA_PSS;
    case 'ed25519':
      return ['EdDSA', 'Ed25519'];
    case 'ec':
      return CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? [];
    default:
      return [];
  }
}
