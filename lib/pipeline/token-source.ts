import { LRUCache } from 'lru-cache';
import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { LeaseTimeoutError, TokenStoreError } from '../errors/store.errors.js';
import { TokenSet } from '../protocol/token-set.js';
import type { TokenKey } from '../store/token-key.js';
import type { ClientParts } from './client-parts.js';
import type { GrantBinding } from './grant-binding.js';
import { storeError } from './lease-holder.js';
import { Renewal } from './renewal.js';
import { SingleFlight } from './single-flight.js';

/** How long a valid token is used without a new try after a renewal of it failed, in seconds. */
const FAILED_PAUSE_SECONDS = 5;
const MAX_REJECTED = 10_000;
const MAX_READS = 3;

/**
 * The tokens of one client, for whoever needs one: at hand when they are valid, read or renewed
 * when they are not.
 */
export class TokenSource {
  readonly #parts: ClientParts;
  readonly #renewal: Renewal;
  readonly #reads = new SingleFlight<TokenSet | undefined>();
  /** Versions that a 401 has brought about, with the time until which they bring about no other. */
  readonly #rejected = new LRUCache<string, { version: string; until: number }>({
    max: MAX_REJECTED,
  });

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#renewal = new Renewal(parts);
  }

  /** A valid token: at once where one is at hand, else a promise of one. */
  token(binding: GrantBinding): TokenSet | Promise<TokenSet> {
    return this.#parts.cache.usable(binding.id) ?? this.#find(binding);
  }

  /** The token from the store as it is; `undefined` when there is none. No renewal. */
  stored(binding: GrantBinding): Promise<TokenSet | undefined> {
    const { cache, store, settings, writeBack } = this.#parts;
    const unsaved = writeBack.get(binding.id);
    if (unsaved) return Promise.resolve(unsaved);
    return this.#reads.run(binding.id, () =>
      cache.watching(binding.id, async (watch) => {
        for (let heard = watch.changes, tries = 1; ; heard = watch.changes, tries += 1) {
          const record = await this.#ask(binding.key, () => store.get(binding.key));
          const token = record && TokenSet.from(record);
          // What changed while it was read is read again, and not kept if it goes on changing.
          if (watch.changes !== heard && tries < MAX_READS) continue;
          if (token && watch.changes === heard) {
            cache.put(binding.id, token, settings.refresh.leewaySeconds);
          }
          return token;
        }
      }),
    );
  }

  /** A token that replaces the present one, valid or not; joins a renewal in flight. */
  async renewed(binding: GrantBinding): Promise<TokenSet> {
    const inFlight = this.#renewal.inFlight(binding);
    if (inFlight) return inFlight;
    const version = (await this.stored(binding))?.version;
    return this.#renewal.acquire(binding, { replacing: { version } });
  }

  /**
   * Another token than the one that the API refused with a 401; `undefined` when there is none to
   * be had, or when a renewal has been tried and did not help.
   */
  async afterRejection(binding: GrantBinding, rejected: TokenSet): Promise<TokenSet | undefined> {
    const { cache, clock, events, settings } = this.#parts;
    const now = clock.now();
    const at = cache.usable(binding.id);
    if (at && at.accessToken !== rejected.accessToken) return at;
    const brake = this.#rejected.get(binding.id);
    if (brake?.version === rejected.version && now < brake.until) {
      events.emit(binding.key, { type: 'rejected', at: now, fingerprint: rejected.fingerprint });
      return undefined;
    }
    try {
      const token = await this.#renewal.acquire(binding, { rejected });
      this.#rejected.set(binding.id, {
        version: token.version,
        until: now + settings.refresh.rejectedPauseSeconds * 1000,
      });
      return token;
    } catch (error) {
      const cannot =
        error instanceof AuthorizationRequiredError && error.reason === 'not_renewable';
      if (cannot) return undefined;
      throw error;
    }
  }

  /** Waits for the renewal of this token that is under way, if any, whatever comes of it. */
  async settled(binding: GrantBinding): Promise<void> {
    const inFlight = this.#renewal.inFlight(binding);
    if (inFlight) await Promise.allSettled([inFlight]);
  }

  /** Stores a token from outside a renewal. It wins over a renewal in flight. */
  async set(binding: GrantBinding, token: TokenSet): Promise<void> {
    const { store } = this.#parts;
    await this.#ask(binding.key, () => store.set(binding.key, token.toRecord()));
    this.#changed(binding);
    await this.#clearVariants(binding);
  }

  /** Forgets a token and, where it is a grant, its variants. It wins over a renewal in flight. */
  async clear(binding: GrantBinding): Promise<boolean> {
    const { store } = this.#parts;
    const existed = await this.#ask(binding.key, () => store.delete(binding.key));
    this.#changed(binding);
    await this.#clearVariants(binding);
    return existed;
  }

  /** Waits for the renewals of this client that are under way; no other is begun. */
  async close(): Promise<void> {
    await this.#renewal.close();
  }

  async #find(binding: GrantBinding): Promise<TokenSet> {
    const { settings, clock, cache } = this.#parts;
    const token = await this.#known(binding);
    const now = clock.now();
    if (token && !token.isExpiredAt(now / 1000, settings.refresh.leewaySeconds)) return token;
    try {
      return await this.#renewal.acquire(binding, {});
    } catch (error) {
      const passing =
        error instanceof TokenEndpointError ||
        error instanceof TokenStoreError ||
        error instanceof LeaseTimeoutError;
      if (!passing || !token || token.isExpiredAt(clock.now() / 1000)) throw error;
      // Valid to the second, and renewal is not possible now: it goes on being used meanwhile.
      const end = token.expiresAt === undefined ? Infinity : token.expiresAt * 1000;
      cache.putUntil(binding.id, token, Math.min(end, clock.now() + FAILED_PAUSE_SECONDS * 1000));
      return token;
    }
  }

  /** The token as the store, or failing that the near cache, knows it. */
  async #known(binding: GrantBinding): Promise<TokenSet | undefined> {
    try {
      return await this.stored(binding);
    } catch (error) {
      const last = this.#parts.cache.last(binding.id);
      if (last || !this.#parts.settings.actsForUsers) return last;
      throw error;
    }
  }

  #changed(binding: GrantBinding): void {
    const { writeBack, feed, cache } = this.#parts;
    writeBack.forget(binding.id);
    this.#rejected.delete(binding.id);
    cache.drop(binding.id);
    feed.wrote(binding.key);
  }

  /** Variants come from the grant and end with it. */
  async #clearVariants(binding: GrantBinding): Promise<void> {
    const { store } = this.#parts;
    if (binding.variant !== undefined || !store.keys) return;
    const { client, subject } = binding;
    for await (const key of store.keys({ client, subject })) {
      if (key.variant === undefined) continue;
      await this.#ask(key, () => store.delete(key));
      this.#parts.feed.wrote(key);
    }
  }

  async #ask<T>(key: TokenKey, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      throw storeError(key, cause);
    }
  }
}
