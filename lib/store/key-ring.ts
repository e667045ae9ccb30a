import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { withinLimit } from '../protocol/time-limit.js';
import { SealingProblem } from './sealing-problem.js';

/** A key of 32 bytes, as they are or in base64 or base64url: `openssl rand -base64 32`. A secret. */
export type EncryptionKeyMaterial = string | Uint8Array;

/** A key with the name that what it encrypts carries. */
export interface EncryptionKey {
  /**
   * The name, in clear in everything that the key encrypts; never used for another key. Taken from
   * a hash of the key when left out.
   */
  kid?: string;
  /** The key. A secret. */
  key: EncryptionKeyMaterial;
}

/** The keys of a ring, the newest first: that one encrypts, all of them decrypt. */
export type EncryptionKeyList = readonly (EncryptionKeyMaterial | EncryptionKey)[];

/**
 * Keys, the newest first, or a function that gets them, such as from a key management service. It
 * is asked at first use, and again when a record names a `kid` that is not known (once in 5 seconds
 * at most); it may take 10 seconds.
 */
export type EncryptionKeys =
  EncryptionKeyList | (() => EncryptionKeyList | Promise<EncryptionKeyList>);

/** A key of the ring, ready for use. */
export interface RingKey {
  readonly kid: string;
  /** What encrypts. */
  readonly key: KeyObject;
  /** What the hash is keyed with that binds a content to its place. */
  readonly bindKey: KeyObject;
}

const KEY_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;
const KID_LENGTH = 128;
/** How long a key function may take, in milliseconds. */
const ASK_LIMIT_MS = 10_000;
/** How long an unknown kid asks no key function after it was asked, in milliseconds. */
const ASK_PAUSE_MS = 5_000;

/** The keys of a store: the newest encrypts, the one that a content names decrypts it. */
export class KeyRing {
  readonly #ask: (() => EncryptionKeyList | Promise<EncryptionKeyList>) | undefined;
  #keys: ReadonlyMap<string, RingKey> | undefined;
  #asking: Promise<ReadonlyMap<string, RingKey>> | undefined;
  #askedAgainAt = Number.NEGATIVE_INFINITY;

  /** @throws ConfigurationError for a list that holds no key, or what is none. */
  constructor(keys: EncryptionKeys) {
    if (typeof keys === 'function') this.#ask = keys;
    else this.#keys = ringOf(keys);
  }

  /** The names of the keys that are known by now, the newest first. */
  get kids(): readonly string[] {
    return [...(this.#keys?.keys() ?? [])];
  }

  /** The key that encrypts. */
  async newest(): Promise<RingKey> {
    const [newest] = (this.#keys ?? (await this.#asked())).values();
    return newest!;
  }

  /** The key of a name; `undefined` when there is none, asked again or not. */
  async find(kid: string): Promise<RingKey | undefined> {
    if (!this.#keys) return (await this.#asked()).get(kid);
    const known = this.#keys.get(kid);
    if (known || !this.#ask) return known;
    const isJoining = this.#asking !== undefined;
    if (!isJoining && performance.now() - this.#askedAgainAt < ASK_PAUSE_MS) return undefined;
    this.#askedAgainAt = performance.now();
    return (await this.#asked()).get(kid);
  }

  #asked(): Promise<ReadonlyMap<string, RingKey>> {
    return (this.#asking ??= this.#askNow().finally(() => (this.#asking = undefined)));
  }

  async #askNow(): Promise<ReadonlyMap<string, RingKey>> {
    try {
      const answer = (async () => this.#ask!())();
      return (this.#keys = ringOf(await withinLimit(answer, ASK_LIMIT_MS)));
    } catch (cause) {
      throw new SealingProblem(
        'The function that gets the encryption keys failed.',
        'Check the key management service; nothing was changed in the store.',
        cause,
      );
    }
  }
}

/** The 32 bytes of a key; the error says which key, never what it holds. */
export function keyOf(material: unknown, which: string): KeyObject {
  const bytes =
    typeof material === 'string' && BASE64.test(material)
      ? Buffer.from(material, 'base64')
      : material instanceof Uint8Array
        ? Buffer.from(material)
        : undefined;
  if (bytes?.length === KEY_BYTES) return createSecretKey(bytes);
  throw wrong(
    `The ${which} is not ${KEY_BYTES} bytes, as they are or in base64 or base64url.`,
    'Make one with: openssl rand -base64 32',
  );
}

function ringOf(list: unknown): ReadonlyMap<string, RingKey> {
  if (!Array.isArray(list) || list.length === 0) {
    throw wrong(
      'The list of encryption keys holds no key.',
      'Give one at least, the newest first.',
    );
  }
  const ring = new Map<string, RingKey>();
  for (const [index, item] of (list as unknown[]).entries()) {
    const which = `encryption key at position ${index + 1}`;
    const isMaterial = typeof item !== 'object' || item === null || item instanceof Uint8Array;
    const { key, kid } = isMaterial
      ? { key: item, kid: undefined }
      : (item as Partial<Record<keyof EncryptionKey, unknown>>);
    const ringKey = ringKeyOf(keyOf(key, which), kid, which);
    if (ring.has(ringKey.kid)) {
      throw wrong(`The kid of the ${which} is that of another one.`, 'Give each key its own.');
    }
    ring.set(ringKey.kid, ringKey);
  }
  return ring;
}

function ringKeyOf(key: KeyObject, kid: unknown, which: string): RingKey {
  const isName = typeof kid === 'string' && kid !== '' && kid.length <= KID_LENGTH;
  if (kid !== undefined && !isName) {
    throw wrong(
      `The kid of the ${which} is no text of 1 to ${KID_LENGTH} characters.`,
      'Name the key, or leave the kid out.',
    );
  }
  return { kid: isName ? kid : derivedName(key), key, bindKey: derived(key, 'bind') };
}

/** Another key, for another purpose, from which the first one cannot be told. RFC 5869. */
function derived(key: KeyObject, purpose: string): KeyObject {
  const info = `nestjs-oauth-client ${purpose}`;
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, '', info, KEY_BYTES)));
}

function derivedName(key: KeyObject): string {
  return createHmac('sha256', derived(key, 'kid')).digest('base64url').slice(0, 12);
}

function wrong(problem: string, remedy: string): ConfigurationError {
  return new ConfigurationError({ problem, remedy });
}
