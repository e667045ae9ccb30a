import { defer, finalize, tap, type Observable } from 'rxjs';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import type { ExchangeAttempts } from './exchange-retry.js';
import type { GrantBinding } from './grant-binding.js';
import type { LeasedRun } from './renewal-run.js';
import type { Slots } from './slots.js';
import type { AskedAcquisition, Ending, ToldAcquisition, ToldStep } from './telemetry.js';
import { failureEnding } from './told-ending.js';
import { unlessLeft } from './unless-left.js';

type Parts = Pick<ClientParts, 'settings' | 'telemetry'>;
const SUCCESS: Ending = { outcome: 'success' };
/** A wait for a turn that is worth a word, in milliseconds. */
const QUEUED_MS = 1;

/** Begins the acquisition of a token; `undefined` where nobody is told. */
export function beginTold(
  { settings, telemetry }: Parts,
  { variant }: GrantBinding,
  reason: AskedAcquisition['reason'],
): ToldAcquisition | undefined {
  void telemetry.look();
  const isVariant = variant !== undefined;
  return telemetry.current?.begin({ client: settings.name, reason, isVariant });
}

/** Runs what telemetry is told of, where there is somebody to tell. */
export async function told<T>(
  step: ToldStep | undefined,
  work: () => Promise<T>,
  endingOf: (value: T) => Ending = () => SUCCESS,
): Promise<T> {
  if (!step) return work();
  try {
    const value = await step.within(work);
    step.ended(endingOf(value));
    return value;
  } catch (error) {
    step.ended(failureEnding(error));
    throw error;
  }
}

/** The same of a stream that brings a token, for as long as somebody listens. */
export function toldStream(
  acquisition: ToldAcquisition | undefined,
  token$: Observable<TokenSet>,
): Observable<TokenSet> {
  if (!acquisition) return token$;
  return token$.pipe(
    tap({
      next: () => acquisition.ended({ outcome: 'fetched' }),
      error: (error: unknown) => acquisition.ended(failureEnding(error)),
    }),
    finalize(() => acquisition.ended({ outcome: 'canceled' })),
  );
}

/** Asks for the lease of a renewal, and tells how that went. */
export function toldLease(
  { told: acquisition }: ExchangeAttempts,
  ask: () => Promise<LeasedRun | TokenSet>,
): Promise<LeasedRun | TokenSet> {
  return told(acquisition?.step('lease'), ask, (outcome) => {
    if (outcome instanceof TokenSet) return { outcome: 'needless' };
    if (!outcome.lease) return { outcome: 'without' };
    return { outcome: outcome.abandoned ? 'abandoned' : 'held' };
  });
}

/** Writes what an acquisition brought, and tells how that went. */
export function toldCommit<T>(
  acquisition: ToldAcquisition | undefined,
  commit: () => Promise<T>,
): Promise<T> {
  return told(acquisition?.step('commit'), commit);
}

/**
 * Waits for a turn among the renewals of a client, and tells how long that took. A turn that comes
 * when nobody waits any more is the next one's.
 */
export function toldTurn(
  { told: acquisition }: ExchangeAttempts,
  slots: Slots,
): Observable<() => void> {
  return defer(() => {
    const since = performance.now();
    return unlessLeft(
      () => slots.enter(),
      (leave) => leave(),
    ).pipe(
      tap(() => {
        const waited = performance.now() - since;
        if (waited >= QUEUED_MS) acquisition?.queued(waited);
      }),
    );
  });
}

/** The renewals under way that are told of, so that it can be told who else waits for one. */
export class ToldRenewals {
  readonly #parts: Parts;
  readonly #underWay = new Map<string, ToldAcquisition>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Somebody waits for the renewal under way. */
  joined({ id }: GrantBinding): void {
    this.#underWay.get(id)?.joined();
  }

  /** Begins a renewal, in the context of who asks; what is returned runs it, wherever that is. */
  begin(
    binding: GrantBinding,
    reason: AskedAcquisition['reason'],
  ): (renew: (told: ToldAcquisition | undefined) => Promise<TokenSet>) => Promise<TokenSet> {
    const acquisition = beginTold(this.#parts, binding, reason);
    if (!acquisition) return (renew) => renew(undefined);
    this.#underWay.set(binding.id, acquisition);
    return (renew) =>
      told(acquisition, () => renew(acquisition), adopted).finally(() =>
        this.#underWay.delete(binding.id),
      );
  }
}

/** Unless it was told that a token request brought it. */
function adopted(): Ending {
  return { outcome: 'adopted' };
}
