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
  /** The algorithm; taken from the key when left out. RFC 7518, section 3.1. */
  alg?: string;
  /** The key's identifier, as the server knows it. */
  kid?: string;
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** A key as Node's crypto takes it. Throws a plain error for what is no private key. */
export function privateKeyOf(material: PrivateKeyMaterial): KeyObject {
  if (material instanceof KeyObject) return material;
  if (material instanceof CryptoKey) return KeyObject.from(material);
  if (typeof material === 'string' || Buffer.isBuffer(material)) return createPrivateKey(material);
  return createPrivateKey({ key: material as never, format: 'jwk' });
}

/** The algorithm that a key is used with, where nothing else is asked for. */
export function algorithmOf(key: KeyObject): string | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return 'RS256';
    case 'rsa-pss':
      return 'PS256';
    case 'ed25519':
      return 'EdDSA';
    case 'ec':
      return CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
    default:
      return undefined;
  }
}
