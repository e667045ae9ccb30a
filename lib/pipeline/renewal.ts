import {
  catchError,
  defer,
  finalize,
  firstValueFrom,
  map,
  mergeMap,
  of,
  tap,
  type Observable,
} from 'rxjs';
import { ShuttingDownError } from '../errors/configuration.errors.js';
import { mergeRenewed } from '../protocol/token-merge.js';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { retryExchange } from './exchange-retry.js';
import type { GrantBinding } from './grant-binding.js';
import { renewalGrant } from './grant-policy.js';
import type { GrantRequest } from './grant-request.js';
import { RenewalCommit } from './renewal-commit.js';
import { RenewalFailures } from './renewal-failures.js';
import { LEASE_MS, storeError } from './lease-holder.js';
import {
  contextOf,
  MAX_OVERTAKEN,
  Overtaken,
  reasonOf,
  restless,
  type LeasedRun,
  type RenewalRun,
  type RenewedRun,
  type TokenDemand,
} from './renewal-run.js';
import { withScope } from './scope-judge.js';
import { SingleFlight } from './single-flight.js';
import type { ToldAcquisition } from './telemetry.js';
import type { GrantResponse } from './token-endpoint.js';
import { tokenReading } from './token-reading.js';
import { unlessLeft } from './unless-left.js';
import { toldCommit, toldLease, ToldRenewals, toldTurn } from './told-acquisition.js';
import type { GrantContext } from './token-grant.js';

/**
 * How a valid token comes to be, once for all who ask: single flight by key, a slot, the lease
 * with the record as it stands, grant request, hooks and HTTP, merge, commit, handlers, events.
 */
export class Renewal {
  readonly #parts: ClientParts;
  readonly #flights = new SingleFlight<TokenSet>();
  readonly #commit: RenewalCommit;
  readonly #failures: RenewalFailures;
  readonly #told: ToldRenewals;
  #closed = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#commit = new RenewalCommit(parts);
    this.#failures = new RenewalFailures(parts);
    this.#told = new ToldRenewals(parts);
  }

  /** The renewal of this token that is under way, if any, for who waits for it. */
  inFlight(binding: GrantBinding): Promise<TokenSet> | undefined {
    this.#told.joined(binding);
    return this.#flights.inFlight(binding.id);
  }

  /** Waits for what is under way; nothing is begun any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#flights.all());
  }

  /** A token that meets the demand; joins the renewal under way, or begins one. */
  async acquire(binding: GrantBinding, demand: TokenDemand): Promise<TokenSet> {
    const { work, reentrancy, settings, refreshExtensions } = this.#parts;
    reentrancy.refuse(binding);
    refreshExtensions();
    for (;;) {
      const joined = this.#flights.inFlight(binding.id);
      if (joined && demand.options) {
        await Promise.allSettled([joined]);
        continue;
      }
      if (!joined && (work.closing || this.#closed)) throw shuttingDown(binding);
      if (joined) this.#told.joined(binding);
      const token = await this.#flights.run(binding.id, () => {
        const telling = this.#told.begin(binding, reasonOf(demand));
        return work.run(`renewal of the token of ${settings.name}`, () =>
          telling((told) => this.#attempt({ binding, demand }, told)),
        );
      });
      // A flight that was begun for another reason may bring the very token that was refused.
      if (!joined || token.accessToken !== demand.rejected?.accessToken) return token;
    }
  }

  async #attempt(
    asked: Pick<RenewalRun, 'binding' | 'demand'>,
    told: ToldAcquisition | undefined,
  ): Promise<TokenSet> {
    for (let overtaken = 0; ; overtaken += 1) {
      const attempts = { count: 0, unsure: false, told };
      const run = { ...asked, startedAt: performance.now(), attempts };
      try {
        const token = await firstValueFrom(this.#acquire$(run));
        return withScope(this.#parts.settings, asked.binding, token);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        if (overtaken === MAX_OVERTAKEN) this.#failed(run, restless(asked.binding));
        told?.overtaken();
      }
    }
  }

  #acquire$(run: RenewalRun): Observable<TokenSet> {
    const { slots, interceptors } = this.#parts;
    return interceptors.around(contextOf(run), () =>
      toldTurn(run.attempts, slots).pipe(
        mergeMap((leave) =>
          defer(() => this.#commit.whileResting(run)).pipe(
            mergeMap((renewed) =>
              renewed
                ? of(this.#adopted(run, renewed))
                : this.#underLease(run, (held) => this.#renew$(held)),
            ),
            finalize(leave),
          ),
        ),
      ),
    );
  }

  #renew$(held: LeasedRun): Observable<TokenSet> {
    // What throws before anything is sent is a failure of the stage like any other.
    return defer(() => this.#exchange$(held)).pipe(
      this.#failures.judged(held),
      mergeMap((outcome) =>
        outcome instanceof TokenSet
          ? of(outcome)
          : toldCommit(held.attempts.told, () => this.#commit.commit(outcome)),
      ),
    );
  }

  #exchange$(run: LeasedRun): Observable<RenewedRun> {
    const { settings, endpoint } = this.#parts;
    const { binding, record, attempts, demand } = run;
    // The grant is made anew for each try: an assertion must not be shown twice.
    let step: GrantRequest['step'] = 'access_token';
    let scope: readonly string[] | undefined;
    return defer(async (): Promise<GrantResponse> => {
      const grant = await renewalGrant(this.#parts, binding, record, demand, () => this.#context());
      // A lease that was lost meanwhile is not worth a signature.
      await this.#demandLease(run);
      ({ step, scope } = grant);
      const isSame = step === 'refresh_token';
      const former = isSame ? record?.claims : undefined;
      return endpoint.request({ ...grant, former }, binding, attempts, async () => {
        // Asked last: slow key services and hooks must not let the lease lapse in between.
        await this.#demandLease(run);
        attempts.count += 1;
      });
    }).pipe(
      retryExchange(attempts, { repeatable: true, patienceMs: settings.refresh.timeoutMs }),
      tap(() => this.#parts.rest.succeeded()),
      map(({ response, claims }) => {
        const former = step === 'refresh_token' && record ? record : { scope: settings.scope };
        const now = this.#parts.clock.now() / 1000;
        const reading = { now, scope, claims, ...tokenReading(settings) };
        return Object.assign({}, run, {
          first: step === 'access_token',
          previous: record && TokenSet.from(record),
          token: mergeRenewed(former, response, reading),
        });
      }),
    );
  }

  async #context(): Promise<Pick<GrantContext, 'tokenEndpoint' | 'issuer' | 'now'>> {
    const { metadata, clock } = this.#parts;
    const tokenEndpoint = await metadata.endpoint('token');
    return { tokenEndpoint, issuer: metadata.issuer, now: clock.now() / 1000 };
  }

  /**
   * Nothing is spent under a lease that may have lapsed while this waited: it is asked for again
   * before a second sending, or when its first half has gone by.
   */
  async #demandLease({ lease, heldAt, attempts, binding }: LeasedRun): Promise<void> {
    if (!lease) return;
    if (attempts.count === 0 && performance.now() - heldAt < LEASE_MS / 2) return;
    const held = await lease.renew(LEASE_MS).catch((cause: unknown) => {
      throw storeError(binding.key, cause);
    });
    if (!held) throw new Overtaken();
  }

  #underLease(
    run: RenewalRun,
    work: (held: LeasedRun) => Observable<TokenSet>,
  ): Observable<TokenSet> {
    const { leases } = this.#parts;
    const asked = () => toldLease(run.attempts, () => this.#commit.lease(run));
    // Whoever leaves meanwhile holds up nobody: nothing was spent under the lease.
    return unlessLeft(asked, (late) => void this.#commit.unneeded(late)).pipe(
      catchError((error: unknown) => this.#failed(run, error)),
      mergeMap((outcome) => {
        if (outcome instanceof TokenSet) return of(this.#adopted(run, outcome));
        if (!outcome.lease) return work(outcome);
        return work(outcome).pipe(finalize(leases.keepAlive(outcome.lease)));
      }),
    );
  }

  #failed(run: RenewalRun, error: unknown): never {
    this.#failures.announce(run, error);
    throw error;
  }

  /** What somebody else has renewed is at hand from now on. */
  #adopted({ binding }: RenewalRun, token: TokenSet): TokenSet {
    this.#parts.cache.put(binding.id, token, this.#parts.settings.refresh.leewaySeconds);
    return token;
  }
}

/** The error of what is asked for too late. */
export function shuttingDown(binding: GrantBinding): ShuttingDownError {
  return new ShuttingDownError({
    client: binding.client,
    subject: binding.subject,
    problem: 'The client is closed, or the application is shutting down: no token is acquired.',
    remedy: 'Make the call in the process that takes over, or register the client again.',
  });
}
