import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  algorithmOf,
  privateKeyOf,
  toldBy,
  type PrivateKeyMaterial,
  type SignerOptions,
} from './signing-key.js';

/** A JWT to be signed. */
export interface Assertion {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>> | undefined;
}

/** What cannot be signed, and why: the options say too little, or the key is none. */
export class UnsignableError extends Error {}

/** A key, and what a JWK says of itself. RFC 7517, sections 4.4 and 4.5. */
interface ParsedKey {
  readonly key: KeyObject;
  readonly alg?: string;
  readonly kid?: string;
}

const parsed = new WeakMap<SignerOptions, ParsedKey & { material: PrivateKeyMaterial }>();

/** Signs an assertion (RFC 7523, section 3) with a key or through a signing function. */
export async function signAssertion(
  { claims, header }: Assertion,
  options: SignerOptions,
): Promise<string> {
  const { sign, kid } = options;
  if (sign) {
    if (options.alg === undefined) throw new UnsignableError('sign needs alg');
    const full = { alg: options.alg, typ: 'JWT', ...(kid !== undefined && { kid }), ...header };
    const input = `${base64url(full)}.${base64url(claims)}`;
    const signature = await sign(new TextEncoder().encode(input), full);
    return `${input}.${Buffer.from(signature).toString('base64url')}`;
  }
  const { key, ...told } = await keyOf(options);
  const alg = options.alg ?? told.alg ?? algorithmOf(key);
  if (alg === undefined) throw new UnsignableError('the key does not tell its algorithm: set alg');
  const named = kid ?? told.kid;
  return signWith(key, alg, {
    claims,
    header: { ...(named !== undefined && { kid: named }), ...header },
  });
}

/** The public half of the key as it is now, as text; empty where a function signs. */
export async function publicHalfOf(options: SignerOptions): Promise<string> {
  if (options.sign) return '';
  const { key } = await keyOf(options);
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
}

/** Signs an assertion with a shared secret. RFC 7518, section 3.2. */
export function signWithSecret(secret: string, alg: string, assertion: Assertion): Promise<string> {
  return signWith(new TextEncoder().encode(secret), alg, assertion);
}

async function signWith(
  key: KeyObject | Uint8Array,
  alg: string,
  { claims, header }: Assertion,
): Promise<string> {
  // Loaded when first used: most clients sign nothing.
  const { SignJWT } = await import('jose');
  try {
    return await new SignJWT({ ...claims })
      .setProtectedHeader({ alg, typ: 'JWT', ...header })
      .sign(key);
  } catch (error) {
    throw new UnsignableError(error instanceof Error ? error.message : 'the key does not fit alg');
  }
}

/** The key as it is now; read again from its function at every use, parsed again when it changes. */
async function keyOf(options: SignerOptions): Promise<ParsedKey> {
  const material = typeof options.key === 'function' ? await options.key() : options.key;
  if (material === undefined) throw new UnsignableError('neither key nor sign is set');
  const known = parsed.get(options);
  if (known?.material === material) return known;
  try {
    const parts = { ...toldBy(material), key: privateKeyOf(material) };
    parsed.set(options, { ...parts, material });
    return parts;
  } catch {
    throw new UnsignableError('key is no private key in PEM, JWK or KeyObject form');
  }
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
