import { catchError, from, type OperatorFunction } from 'rxjs';
import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { joinKey } from '../store/token-key.js';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { ExchangeFailure } from './exchange-failure.js';
import { meetsDemand } from './grant-policy.js';
import { clearVariants } from './grant-variants.js';
import { storeError } from './lease-holder.js';
import { Overtaken, type LeasedRun } from './renewal-run.js';

/**
 * What a failed exchange means: a dead grant is deleted and named, unless somebody else has renewed
 * it; anything else leaves the token as it is. Either way the lease ends.
 */
export class RenewalFailures {
  readonly #parts: ClientParts;

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
    } finally {
      // A commit has ended it by now, and then this does nothing.
      const { unsure, answered } = run.attempts;
      const isSpent = unsure || (answered !== undefined && refusal === undefined);
      if (run.lease && isSpent && settings.actsForUsers) await leases.giveUp(run.lease);
      else if (run.lease) await leases.release(run.lease);
    }
    // Nothing was asked for where only the user can help.
    if (!(failure instanceof AuthorizationRequiredError)) this.#announce(run, failure);
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
    await this.#delete(run, reason);
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
    { binding, lease }: LeasedRun,
    reason: 'rotation_lost' | 'grant_revoked',
  ): Promise<void> {
    const { events, clock, feed, cache } = this.#parts;
    const { grantKey } = binding;
    const deleted = await lease?.commit(undefined).catch((cause: unknown) => {
      throw storeError(grantKey, cause);
    });
    // Who has set or deleted it in this very moment decides what there is now.
    if (!deleted) throw new Overtaken();
    cache.drop(joinKey(grantKey));
    feed.wrote(grantKey);
    await clearVariants(this.#parts, grantKey);
    events.emit(grantKey, { type: 'reauthorization_required', at: clock.now(), reason });
  }

  #announce({ binding, startedAt, attempts }: LeasedRun, failure: unknown): void {
    const { events, clock } = this.#parts;
    const error = failure instanceof ExchangeFailure ? failure.error : failure;
    events.emit(binding.key, {
      type: 'refresh_failed',
      at: clock.now(),
      durationMs: Math.round(performance.now() - startedAt),
      attempts: attempts.count,
      error: codeOf(error),
      final: failure instanceof ExchangeFailure && failure.kind === 'final',
    });
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof OAuthClientError)) return 'unknown';
  return (error as { error?: string }).error ?? error.code;
}
