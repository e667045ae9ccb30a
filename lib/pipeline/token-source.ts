import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { HandlerError, ReentrantTokenRequestError } from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { ScopeMismatchError } from '../protocol/scope-mismatch.error.js';
import { TokenSet } from '../protocol/token-set.js';
import type { TokenKey } from '../store/token-key.js';
import type { ClientParts } from './client-parts.js';
import type { GrantBinding } from './grant-binding.js';
import { clearVariants } from './grant-variants.js';
import { storeError } from './lease-holder.js';
import { waitWithin } from './patience.js';
import type { TokenDemand } from './renewal-run.js';
import { RejectionBrakes } from './rejection-brakes.js';
import { RenewAhead } from './renew-ahead.js';
import { Renewal } from './renewal.js';
import { withScope } from './scope-judge.js';
import { SingleFlight } from './single-flight.js';
import { tokenFigures } from './token-events.js';

/** How long a valid token is used without a new try after a renewal of it failed, in seconds. */
const FAILED_PAUSE_SECONDS = 5;
/** How long a caller whose token is still valid waits for the store, or for a renewal of it. */
const VALID_PATIENCE_MS = 1_000;
const MAX_READS = 3;

/**
 * The tokens of one client, for whoever needs one: at hand when they are valid, read or renewed
 * when they are not.
 */
export class TokenSource {
  readonly #parts: ClientParts;
  readonly #renewal: Renewal;
  /** Renews tokens before they end, where the client wants that. */
  readonly #ahead: RenewAhead | undefined;
  readonly #reads = new SingleFlight<TokenSet | undefined>();
  readonly #brakes: RejectionBrakes;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#renewal = new Renewal(parts);
    this.#brakes = new RejectionBrakes(parts.settings.refresh.rejectedPauseSeconds);
    if (parts.settings.refresh.aheadSeconds > 0) {
      this.#ahead = new RenewAhead(parts.settings, parts, (binding, version) =>
        this.#renewal.acquire(binding, { replacing: { version } }),
      );
    }
  }

  /**
   * A valid token: at once where one is at hand, else a promise of one. Never one whose scope the
   * client does not put up with.
   */
  token(binding: GrantBinding): TokenSet | Promise<TokenSet> {
    const { cache, settings, telemetry } = this.#parts;
    const token = cache.usable(binding.id);
    telemetry.current?.lookedUp(settings.name, token !== undefined);
    if (!token) return this.#find(binding);
    this.#ahead?.used(binding, token);
    return withScope(settings, binding, token);
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
          writeBack.answered(binding.id);
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

  /**
   * A token that replaces the present one, valid or not; joins a renewal in flight. With options it
   * waits for that one, and a request is made with them.
   */
  async renewed(
    binding: GrantBinding,
    demand: Pick<TokenDemand, 'options'> = {},
  ): Promise<TokenSet> {
    this.#parts.reentrancy.refuse(binding);
    const inFlight = this.#renewal.inFlight(binding);
    if (inFlight && !demand.options) return inFlight;
    const version = (await this.#known(binding))?.version;
    return this.#renewal.acquire(binding, { ...demand, replacing: { version } });
  }

  /** A token in place of this version of it, if that is still the one: for who has read the record. */
  replaced(binding: GrantBinding, version: string): Promise<TokenSet> {
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
    if (at && at.accessToken !== rejected.accessToken) return withScope(settings, binding, at);
    if (this.#brakes.holds(binding.id, rejected, now)) {
      events.emit(binding.key, { type: 'rejected', at: now, ...tokenFigures(rejected) });
      return undefined;
    }
    try {
      const token = await this.#renewal.acquire(binding, { rejected });
      this.#brakes.renewed(binding.id, rejected, token, now);
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
    this.#parts.reentrancy.refuse(binding);
    const inFlight = this.#renewal.inFlight(binding);
    if (inFlight) await Promise.allSettled([inFlight]);
  }

  /** Stores a token from outside a renewal. It wins over a renewal in flight. */
  async set(binding: GrantBinding, token: TokenSet): Promise<void> {
    const { store, leases } = this.#parts;
    await leases.overrule(binding.key);
    await this.#ask(binding.key, () => store.set(binding.key, token.toRecord()));
    await this.#changed(binding);
  }

  /** Forgets a token and, where it is a grant, its variants. It wins over a renewal in flight. */
  async clear(binding: GrantBinding): Promise<boolean> {
    const { store, leases } = this.#parts;
    await leases.overrule(binding.key);
    const existed = await this.#ask(binding.key, () => store.delete(binding.key));
    await this.#changed(binding);
    return existed;
  }

  /** Waits for the renewals of this client that are under way; no other is begun. */
  async close(): Promise<void> {
    await this.#renewal.close();
  }

  async #find(binding: GrantBinding): Promise<TokenSet> {
    const { settings, clock } = this.#parts;
    const token = this.#ended(binding) ?? (await this.#known(binding));
    const now = clock.now();
    if (token && !token.isExpiredAt(now / 1000, settings.refresh.leewaySeconds)) {
      this.#ahead?.used(binding, token);
      return withScope(settings, binding, token);
    }
    const isValid = token !== undefined && !token.isExpiredAt(now / 1000);
    let renewal: Promise<TokenSet> | undefined;
    try {
      renewal = this.#renewal.acquire(binding, {});
      return await waitWithin(renewal, isValid ? { timeoutMs: VALID_PATIENCE_MS } : {}, slow);
    } catch (error) {
      const hasEnded = !token || token.isExpiredAt(clock.now() / 1000);
      // It ended while it was waited for: there is nothing to go on with meanwhile.
      if (hasEnded && error instanceof TooSlow && renewal) return renewal;
      if (hasEnded || !leavesTokenAsItIs(error)) throw error;
      // Valid to the second, and renewal is not possible now: it goes on being used meanwhile.
      this.#goOnWith(binding, token);
      return withScope(settings, binding, token);
    }
  }

  /** A token at hand that is to be renewed: the lease reads the record, and nobody need before. */
  #ended(binding: GrantBinding): TokenSet | undefined {
    const { cache, writeBack, clock, settings } = this.#parts;
    const last = cache.last(binding.id);
    if (!last || writeBack.get(binding.id)) return undefined;
    const { leewaySeconds } = settings.refresh;
    return last.isExpiredAt(clock.now() / 1000, leewaySeconds) ? last : undefined;
  }

  /** Uses a valid token for a while without a second look; a renewal that succeeds replaces it. */
  #goOnWith(binding: GrantBinding, token: TokenSet): void {
    const { cache, clock } = this.#parts;
    const end = token.expiresAt === undefined ? Infinity : token.expiresAt * 1000;
    cache.putUntil(binding.id, token, Math.min(end, clock.now() + FAILED_PAUSE_SECONDS * 1000));
  }

  /** The token as the store, or failing that the near cache, knows it. */
  async #known(binding: GrantBinding): Promise<TokenSet | undefined> {
    const { cache, writeBack, clock, settings } = this.#parts;
    const last = cache.last(binding.id);
    const isValid = last !== undefined && !last.isExpiredAt(clock.now() / 1000);
    try {
      const stored = this.stored(binding);
      return await waitWithin(stored, isValid ? { timeoutMs: VALID_PATIENCE_MS } : {}, slow);
    } catch (error) {
      if (isValid) this.#goOnWith(binding, last);
      const known = writeBack.inMemory(binding.id) ?? last;
      if (known || !settings.actsForUsers) return known;
      throw error;
    }
  }

  async #changed(binding: GrantBinding): Promise<void> {
    const { writeBack, feed, cache } = this.#parts;
    writeBack.forget(binding.id);
    this.#brakes.forget(binding.id);
    cache.drop(binding.id);
    feed.wrote(binding.key);
    if (binding.variant === undefined) await clearVariants(this.#parts, binding.key);
  }

  async #ask<T>(key: TokenKey, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      throw storeError(key, cause);
    }
  }
}

function slow(): Error {
  return new TooSlow();
}

/** The store or a renewal takes longer than a caller with a valid token waits. */
class TooSlow extends Error {}

/** Whether a failed renewal says nothing against the token that was to be renewed. */
function leavesTokenAsItIs(error: unknown): boolean {
  if (error instanceof TooSlow) return true;
  if (error instanceof AuthorizationRequiredError) return error.reason === 'not_renewable';
  const isOfApplication =
    error instanceof HandlerError ||
    error instanceof ReentrantTokenRequestError ||
    error instanceof ScopeMismatchError;
  return error instanceof OAuthClientError && !isOfApplication;
}
