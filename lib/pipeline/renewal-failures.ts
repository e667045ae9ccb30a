import { catchError, from, type OperatorFunction } from 'rxjs';
import {
  AuthorizationRequiredError,
  type AuthorizationRequiredReason,
} from '../errors/authorization.errors.js';
import { joinKey } from '../store/token-key.js';
import { TokenSet } from '../protocol/token-set.js';
import { boundedCache } from '../store/bounded-cache.js';
import type { ClientParts } from './client-parts.js';
import { ExchangeFailure } from './exchange-failure.js';
import { meetsDemand } from './grant-policy.js';
import { clearVariants } from './grant-variants.js';
import { storeError } from './lease-holder.js';
import { Overtaken, type LeasedRun, type RenewalRun } from './renewal-run.js';
import { errorWord, tokenFigures, type TokenEvent } from './token-events.js';

const MAX_ENDED = 10_000;

/**
 * What a failed exchange means: a dead grant is deleted and named, unless somebody else has renewed
 * it; anything else leaves the token as it is. Either way the lease ends.
 */
export class RenewalFailures {
  readonly #parts: ClientParts;
  /** The versions of tokens whose end was told. */
  readonly #ended = boundedCache<true>(MAX_ENDED);

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /** Turns a failure of the exchange into what those who wait get. */
  judged<T>(run: LeasedRun): OperatorFunction<T, T | TokenSet> {
    return catchError((failure: unknown) => from(this.#judge(run, failure)));
  }

  async #judge(run: LeasedRun, failure: unknown): Promise<TokenSet> {
    const { settings, rest, leases } = this.#parts;
    const refusal = failure instanceof ExchangeFailure ? failure.error.error : undefined;
    try {
      if (failure instanceof ExchangeFailure) await rest.after(failure, run);
      const mayDie = settings.actsForUsers && run.record?.refreshToken !== undefined;
      const isDead = mayDie && refusal !== undefined && settings.deadGrantErrors.has(refusal);
      if (isDead) return await this.#deadGrant(run, failure as ExchangeFailure);
    } catch (error) {
      this.announce(run, error);
      throw error;
    } finally {
      // A commit has ended it by now, and then this does nothing.
      const { unsure, answered } = run.attempts;
      const isSpent = unsure || (answered !== undefined && refusal === undefined);
      if (run.lease && isSpent && settings.actsForUsers) await leases.giveUp(run.lease);
      else if (run.lease) await leases.release(run.lease);
    }
    this.#announceEnd(run, failure);
    this.announce(run, failure);
    throw failure instanceof ExchangeFailure ? failure.error : failure;
  }

  async #deadGrant(run: LeasedRun, failure: ExchangeFailure): Promise<TokenSet> {
    const { store, clock, settings } = this.#parts;
    const { binding, record } = run;
    const { grantKey } = binding;
    const now = await store.get(grantKey).catch((cause: unknown) => {
      throw storeError(grantKey, cause);
    });
    if (now && now.version !== record?.version) {
      // Somebody else has renewed or connected again: theirs serves, or the renewal begins anew.
      const { leewaySeconds } = settings.refresh;
      const serves = meetsDemand(now, run.demand, clock.now() / 1000, leewaySeconds);
      if (serves && binding.variant === undefined) return TokenSet.from(now);
      throw new Overtaken();
    }
    const lost = run.abandoned || run.attempts.unsure;
    const reason = lost ? 'rotation_lost' : 'grant_revoked';
    await this.#delete(run, reason, failure);
    throw new AuthorizationRequiredError({
      client: binding.client,
      subject: binding.subject,
      scope: settings.scope,
      grant: settings.grant,
      reason,
      problem: lost
        ? 'The answer to a renewal was lost, and the server accepts the former refresh token no more.'
        : 'The authorization server says that the grant has ended.',
      cause: failure.error,
    });
  }

  async #delete(
    run: LeasedRun,
    reason: 'rotation_lost' | 'grant_revoked',
    { error }: ExchangeFailure,
  ): Promise<void> {
    const { feed, cache } = this.#parts;
    const { lease } = run;
    const { grantKey } = run.binding;
    const deleted = await lease?.commit(undefined).catch((cause: unknown) => {
      throw storeError(grantKey, cause);
    });
    // Who has set or deleted it in this very moment decides what there is now.
    if (!deleted) throw new Overtaken();
    cache.drop(joinKey(grantKey));
    feed.wrote(grantKey);
    try {
      await clearVariants(this.#parts, grantKey);
    } finally {
      this.#reauthorize(run, reason, { ...figuresOf(run), error: errorWord(error) });
    }
  }

  /** A token that has ended and cannot be renewed: told once, however often it is asked for. */
  #announceEnd(run: LeasedRun, failure: unknown): void {
    const { record, demand } = run;
    const isEnd = failure instanceof AuthorizationRequiredError;
    if (!isEnd || !record || this.#ended.has(record.version)) return;
    const now = this.#parts.clock.now() / 1000;
    if (!demand.rejected && !TokenSet.from(record).isExpiredAt(now)) return;
    this.#ended.set(record.version, true);
    this.#reauthorize(run, failure.reason);
  }

  #reauthorize(
    { binding, record }: LeasedRun,
    reason: AuthorizationRequiredReason,
    about: Partial<TokenEvent> = {},
  ): void {
    this.#parts.events.emit(binding.grantKey, {
      ...about,
      type: 'reauthorization_required',
      at: this.#parts.clock.now(),
      ...(record && tokenFigures(TokenSet.from(record))),
      reason,
    });
  }

  /**
   * Tells of a renewal that failed. One that somebody else overtook begins again, and nothing was
   * asked for where only the user can help.
   */
  announce(run: RenewalRun, failure: unknown): void {
    if (failure instanceof Overtaken || failure instanceof AuthorizationRequiredError) return;
    const { events, clock, rest } = this.#parts;
    const retryAfter = rest.secondsLeft(run);
    events.emit(run.binding.key, {
      type: 'refresh_failed',
      at: clock.now(),
      ...figuresOf(run),
      error: errorWord(failure instanceof ExchangeFailure ? failure.error : failure),
      final: failure instanceof ExchangeFailure && failure.kind === 'final',
      ...(retryAfter > 0 && { retryAfter }),
    });
  }
}

function figuresOf({
  startedAt,
  attempts,
}: RenewalRun): Pick<TokenEvent, 'durationMs' | 'attempts'> {
  return { durationMs: Math.round(performance.now() - startedAt), attempts: attempts.count };
}
