import { createHmac, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { filter, map, type Observable } from 'rxjs';
import { withinLimit } from '../protocol/time-limit.js';
import { keyOf, type EncryptionKeyMaterial } from './key-ring.js';
import { SealingProblem } from './sealing-problem.js';
import type { TokenKey } from './token-key.js';

/** How subjects are hashed in the keys of a store. */
export interface HashedSubjectsOptions {
  /**
   * What the hash is keyed with: 32 bytes, or a function that gets them once, at first use. Unlike
   * the encryption keys it cannot be rotated: with another one no record is found any more.
   */
  key: EncryptionKeyMaterial | (() => EncryptionKeyMaterial | Promise<EncryptionKeyMaterial>);
  /**
   * Of how many subjects, of those last read or written by this process, the hash is remembered:
   * `changes$` tells of no others. More than the near cache's `maxEntries`; 100,000 by default.
   */
  maxRemembered?: number;
}

const DEFAULT_REMEMBERED = 100_000;
const LIMIT_MS = 10_000;
const PREFIX = 'hs1.';
const HASHED = /^hs1\.[\w-]{43}$/;

/** Subjects as keyed hashes, and back for those that this process has met. */
export class HashedSubjects {
  readonly #known: LRUCache<string, string>;
  #key: KeyObject | (() => EncryptionKeyMaterial | Promise<EncryptionKeyMaterial>);

  /** @throws ConfigurationError for a key that is none. */
  constructor({ key, maxRemembered = DEFAULT_REMEMBERED }: HashedSubjectsOptions) {
    this.#key = typeof key === 'function' ? key : keyOf(key, 'key of hashSubjects');
    this.#known = new LRUCache({ max: maxRemembered });
  }

  /** A subject as it stands in keys; the client itself stays `''`. */
  async hashed(subject: string): Promise<string> {
    if (subject === '') return '';
    const key = typeof this.#key === 'function' ? await this.#ask(this.#key) : this.#key;
    // As JSON no two subjects have the same bytes, not even with half a character in them.
    const digest = createHmac('sha256', key).update(JSON.stringify(subject)).digest('base64url');
    const hash = `${PREFIX}${digest}`;
    this.#known.set(hash, subject);
    return hash;
  }

  /** The subject of a hash, when this process has met it. */
  known(hash: string): string | undefined {
    return hash === '' ? '' : this.#known.get(hash);
  }

  /** Of keys with hashes, those of subjects that this process has met, as themselves. */
  met(places$: Observable<TokenKey>): Observable<TokenKey> {
    return places$.pipe(
      map((place) => ({ ...place, subject: this.known(place.subject) })),
      filter((key): key is TokenKey => key.subject !== undefined),
    );
  }

  /** Whether a key is one of this kind at all. */
  isHashed({ subject }: TokenKey): boolean {
    return subject === '' || HASHED.test(subject);
  }

  async #ask(ask: () => EncryptionKeyMaterial | Promise<EncryptionKeyMaterial>) {
    try {
      const answer = (async () => ask())();
      const key = keyOf(await withinLimit(answer, LIMIT_MS), 'key of hashSubjects');
      return (this.#key = key);
    } catch (cause) {
      throw new SealingProblem(
        'The function that gets the key of hashSubjects failed.',
        'Check the key management service; nothing was changed in the store.',
        cause,
      );
    }
  }
}
