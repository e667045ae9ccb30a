import type { Observable } from 'rxjs';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { frozenCopy } from '../protocol/frozen-copy.js';
import type { TokenRecord } from '../protocol/token-record.js';
import type { EncryptedTokenStoreOptions } from './encrypted.options.js';
import {
  Reencryption,
  type ReencryptionOptions,
  type ReencryptionProgress,
} from './encrypted.reencryption.js';
import { HashedSubjects } from './hashed-subjects.js';
import { KeyLock } from './key-lock.js';
import { KeyRing } from './key-ring.js';
import { SealedContent } from './sealed-content.js';
import { SealedRecords } from './sealed-record.js';
import { namedFor, SealingProblem } from './sealing-problem.js';
import { SeenVersions } from './seen-versions.js';
import { joinKey, type TokenKey } from './token-key.js';
import type { Lease, TokenStore } from './token-store.js';

const REMEMBERED_RECORDS = 10_000;

/**
 * Encrypts what any other store keeps: each record is a compact JWE (`dir`, `A256GCM`; RFC 7516)
 * that is bound to its client, subject, variant and version. In clear stay `version`, `obtainedAt`,
 * `expiresAt`, whether there is a refresh token and how many seconds it lasts, since stores expire
 * records by these, and the key (`hashSubjects` hides subjects there).
 * Leases, `changes$` and `keys` are the wrapped store's.
 *
 * Detected, as a {@link TokenStoreError} that names the client, with nothing deleted: a record that
 * was changed, that belongs to another client, subject or variant, or whose content is not that of
 * its version (an older one in its place); a missing or wrong key; a record that is not encrypted.
 * When a whole record, version and all, is put back, a process that has seen it replaced detects it
 * (after a backup is restored, restart); no other can, since nothing stored tells it from the
 * genuine one. Nor is a deletion detected.
 *
 * @example
 * ```ts
 * OAuthClientModule.forRoot({
 *   clients,
 *   store: new EncryptedTokenStore(store, {
 *     keys: [{ kid: '2026-11', key: newKey }, { kid: '2025-11', key: formerKey }],
 *   }),
 * });
 * ```
 */
export class EncryptedTokenStore implements TokenStore {
  readonly #store: TokenStore;
  readonly #ring: KeyRing;
  readonly #records: SealedRecords;
  readonly #subjects: HashedSubjects | undefined;
  readonly #seen: SeenVersions;
  readonly #lock = new KeyLock();

  /** See {@link TokenStore.changes$}. With `hashSubjects`: of subjects that this process has met. */
  readonly changes$?: Observable<TokenKey>;
  /** See {@link TokenStore.acquireLease}. */
  readonly acquireLease?: (key: TokenKey, ttlMs: number) => Promise<Lease | undefined>;
  /** See {@link TokenStore.keys}. With `hashSubjects` records are read for subjects not met yet. */
  readonly keys?: (query: { client?: string; subject?: string }) => AsyncIterable<TokenKey>;

  /**
   * @param store - Where the records are kept; closed with this one.
   * @throws ConfigurationError for a key that is not 32 bytes, or a `kid` given twice.
   */
  constructor(store: TokenStore, options: EncryptedTokenStoreOptions) {
    const { keys, allowPlain = false, hashSubjects, rememberedRecords } = options;
    this.#store = store;
    this.#ring = new KeyRing(keys);
    this.#records = new SealedRecords(new SealedContent(this.#ring), allowPlain);
    if (hashSubjects) this.#subjects = new HashedSubjects(hashSubjects);
    this.#seen = new SeenVersions(rememberedRecords ?? REMEMBERED_RECORDS);
    if (store.changes$) this.changes$ = this.#subjects?.met(store.changes$) ?? store.changes$;
    if (store.acquireLease) this.acquireLease = (key, ttlMs) => this.#lease(key, ttlMs);
    if (store.keys) this.keys = (query) => this.#list(query);
  }

  /** See {@link TokenStore.get}. @throws TokenStoreError when the record cannot be trusted. */
  async get(key: TokenKey): Promise<TokenRecord | undefined> {
    const place = await this.#place(key);
    const since = this.#seen.now();
    return this.#open(key, place, await this.#store.get(place), since);
  }

  /** See {@link TokenStore.set}. @throws TokenStoreError when the newest key cannot be had. */
  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    const given = frozenCopy(record);
    const place = await this.#place(key);
    const sealed = await this.#seal(key, place, given);
    await this.#write(key, place, given.version, () => this.#store.set(place, sealed));
  }

  /** See {@link TokenStore.delete}: of a record that cannot be decrypted, too. */
  async delete(key: TokenKey): Promise<boolean> {
    const place = await this.#place(key);
    return this.#write(key, place, undefined, () => this.#store.delete(place));
  }

  /** See {@link TokenStore.close}. */
  async close(): Promise<void> {
    await this.#store.close?.();
  }

  /**
   * Encrypts every record with the newest key that is not yet, one after the other: after a key was
   * added, or `allowPlain` was set. What is being renewed meanwhile is never overwritten: a record is
   * written under its lease, and in a store without leases by its one process, this one. Ends with a
   * progress that has a `total`; a former key may go once `failed` is 0 and no process encrypts
   * with it.
   *
   * @throws ConfigurationError when the wrapped store cannot list its keys.
   *
   * @example
   * ```ts
   * for await (const { done, failed, failure } of store.reencrypt()) {
   *   if (failure) logger.warn(failure.message);
   *   else if (done % 1000 === 0) logger.log(`${done} records done, ${failed} failed`);
   * }
   * ```
   */
  reencrypt(options: ReencryptionOptions = {}): AsyncIterableIterator<ReencryptionProgress> {
    if (!this.#store.keys) {
      throw new ConfigurationError({
        problem: 'The store cannot list its keys, which reencrypt() needs.',
        remedy:
          'Use a store with keys(), or keep the former key: records follow as they are renewed.',
      });
    }
    const parts = { store: this.#store, records: this.#records, lock: this.#lock };
    return new Reencryption(parts).walk(options);
  }

  async #lease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const place = await this.#place(key);
    await this.#named(key, this.#records.ready());
    const since = this.#seen.now();
    const lease = await this.#store.acquireLease!(place, ttlMs);
    if (!lease) return undefined;
    try {
      const record = await this.#open(key, place, lease.record, since);
      return {
        record,
        abandoned: lease.abandoned,
        commit: (next) => this.#commit(key, place, lease, next),
        renew: (ms) => lease.renew(ms),
        release: () => lease.release(),
      };
    } catch (error) {
      await lease.release().catch(() => undefined);
      throw error;
    }
  }

  async #commit(key: TokenKey, place: TokenKey, lease: Lease, next: TokenRecord | undefined) {
    const given = frozenCopy(next);
    const sealed = given && (await this.#seal(key, place, given));
    return this.#write(key, place, given?.version, () => lease.commit(sealed));
  }

  /** Writes, and remembers what was replaced by it; a commit that was refused wrote nothing. */
  async #write<T>(
    key: TokenKey,
    place: TokenKey,
    version: string | undefined,
    write: () => Promise<T>,
  ): Promise<T> {
    const id = joinKey(key);
    const since = this.#seen.writing(id, version);
    const written = await (this.#store.acquireLease
      ? write()
      : this.#lock.run(joinKey(place), write));
    if (written !== false) this.#seen.wrote(id, version, since);
    return written;
  }

  async #open(key: TokenKey, place: TokenKey, stored: TokenRecord | undefined, since: number) {
    if (stored === undefined) return undefined;
    const { record } = await this.#named(key, this.#records.open(place, stored));
    if (this.#seen.read(joinKey(key), record.version, since)) return record;
    const problem = new SealingProblem(
      'The stored record is one that this process has seen replaced or deleted: it was put back.',
      'Nothing was deleted: find out who writes to the store (after restoring a backup, restart), or clear the token and connect again.',
    );
    throw namedFor(key, problem);
  }

  #seal(key: TokenKey, place: TokenKey, record: TokenRecord): Promise<TokenRecord> {
    const subject = this.#subjects && key.subject;
    return this.#named(key, this.#records.seal(place, record, subject));
  }

  /** The key under which the wrapped store keeps a record. */
  async #place(key: TokenKey): Promise<TokenKey> {
    if (!this.#subjects) return key;
    return { ...key, subject: await this.#named(key, this.#subjects.hashed(key.subject)) };
  }

  async *#list(query: { client?: string; subject?: string }): AsyncGenerator<TokenKey> {
    const subjects = this.#subjects;
    const { client = '', subject } = query;
    if (!subjects) return yield* this.#store.keys!(query);
    const asked = subject === undefined ? undefined : await this.#place({ client, subject });
    const places = this.#store.keys!({ ...query, ...(asked && { subject: asked.subject }) });
    for await (const place of places) {
      const known = subjects.known(place.subject) ?? (await this.#subjectAt(place));
      if (known !== undefined) yield { ...place, subject: known };
    }
  }

  async #subjectAt(place: TokenKey): Promise<string | undefined> {
    const stored = this.#subjects!.isHashed(place) ? await this.#store.get(place) : undefined;
    if (!stored) return undefined;
    const { subject } = await this.#named(place, this.#records.open(place, stored));
    if (subject !== undefined) await this.#place({ ...place, subject });
    return subject;
  }

  async #named<T>(key: TokenKey, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw namedFor(key, error);
    }
  }

  /** What JSON shows: the names of the keys, nothing else. */
  toJSON(): { kids: readonly string[] } {
    return { kids: this.#ring.kids };
  }

  /** What `console.log` and `util.inspect` show: the names of the keys, nothing else. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `EncryptedTokenStore { kids: ${JSON.stringify(this.#ring.kids)} }`;
  }
}
