import { catchError, from, type MonoTypeOperatorFunction } from 'rxjs';
import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { ExchangeFailure } from './exchange-failure.js';
import { meetsDemand } from './grant-policy.js';
import { storeError } from './lease-holder.js';
import { Overtaken, type LeasedRun } from './renewal-run.js';

/**
 * What a failed renewal means: a dead grant is deleted and named, unless somebody else has renewed
 * it; anything else leaves the token as it is.
 */
export class RenewalFailures {
  readonly #parts: ClientParts;
  /** Records whose refresh token may be spent: the answer to an earlier try was lost. */
  readonly #unsure = new Map<string, string>();

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /** Turns a failure of the stages above into what those who wait get. */
  judged(run: LeasedRun): MonoTypeOperatorFunction<TokenSet> {
    return catchError((failure: unknown) => from(this.#judge(run, failure)));
  }

  async #judge(run: LeasedRun, failure: unknown): Promise<TokenSet> {
    const { settings, rest } = this.#parts;
    if (!(failure instanceof ExchangeFailure)) {
      await this.#release(run);
      throw failure;
    }
    await rest.after(failure);
    const { error } = failure.error;
    const spent = settings.actsForUsers && run.record?.refreshToken !== undefined;
    if (spent && error !== undefined && settings.deadGrantErrors.has(error)) {
      return this.#deadGrant(run, failure);
    }
    if (run.attempts.unsure && run.record) this.#unsure.set(run.binding.id, run.record.version);
    await this.#release(run);
    this.#announce(run, failure);
    throw failure.error;
  }

  async #deadGrant(run: LeasedRun, failure: ExchangeFailure): Promise<TokenSet> {
    const { store, events, clock, feed, settings } = this.#parts;
    const { binding, record, lease } = run;
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
    const lost =
      run.abandoned ||
      run.attempts.unsure ||
      (record !== undefined && this.#unsure.get(binding.id) === record.version);
    this.#unsure.delete(binding.id);
    if (await lease?.commit(undefined)) {
      feed.wrote(grantKey);
      const reason = lost ? 'rotation_lost' : 'grant_revoked';
      events.emit(grantKey, { type: 'reauthorization_required', at: clock.now(), reason });
    }
    throw new AuthorizationRequiredError({
      client: binding.client,
      subject: binding.subject,
      scope: settings.scope,
      reason: lost ? 'rotation_lost' : 'grant_revoked',
      problem: lost
        ? 'The answer to a renewal was lost, and the server accepts the former refresh token no more.'
        : 'The authorization server says that the grant has ended.',
      cause: failure.error,
    });
  }

  async #release({ binding, lease }: LeasedRun): Promise<void> {
    await lease?.release().catch((cause: unknown) => {
      // The failure that led here says more than this one; the lease lapses by itself.
      this.#parts.events.emit(binding.key, {
        type: 'refresh_failed',
        at: this.#parts.clock.now(),
        error: storeError(binding.key, cause).code,
        final: false,
      });
    });
  }

  #announce({ binding, startedAt, attempts }: LeasedRun, { error, kind }: ExchangeFailure): void {
    const { events, clock } = this.#parts;
    events.emit(binding.key, {
      type: 'refresh_failed',
      at: clock.now(),
      durationMs: Math.round(performance.now() - startedAt),
      attempts: attempts.count,
      error: error.error ?? error.code,
      final: kind === 'final',
    });
  }
}
