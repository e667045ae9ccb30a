import { defer, firstValueFrom, map, merge, Subject, takeUntil, type Observable } from 'rxjs';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { DeviceExchange } from '../pipeline/device-poll.js';
import { ExchangeCommit, type ExchangeFigures } from '../pipeline/exchange-commit.js';
import { exchangeFailed } from '../pipeline/exchange-events.js';
import { ExchangeFailure } from '../pipeline/exchange-failure.js';
import { retryExchange, type ExchangeAttempts } from '../pipeline/exchange-retry.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import type { GrantRequest } from '../pipeline/grant-request.js';
import { shuttingDown } from '../pipeline/renewal.js';
import type { Ending, ToldAcquisition } from '../pipeline/telemetry.js';
import type { GrantResponse } from '../pipeline/token-endpoint.js';
import type { TokenSource } from '../pipeline/token-source.js';
import { beginTold, told, toldCommit, toldStream } from '../pipeline/told-acquisition.js';
import type { TokenSet } from '../protocol/token-set.js';

/** A token that was exchanged, and is not stored. */
export interface ObtainedToken {
  readonly token: TokenSet;
  /** Stores it as this subject's, as any exchange does. */
  readonly keep: (owner: GrantBinding) => Promise<TokenSet>;
  /** Revokes it in the background. */
  readonly discard: () => void;
}

/** Gets a token outside a renewal, and stores it: what it brings wins over a renewal in flight. */
export class TokenExchange {
  readonly #parts: ClientParts;
  readonly #commit: ExchangeCommit;
  readonly #closed$ = new Subject<void>();
  #closed = false;

  constructor(parts: ClientParts, source: TokenSource) {
    this.#parts = parts;
    this.#commit = new ExchangeCommit(parts, source);
  }

  /** Sends a grant request and stores the token. */
  exchange(binding: GrantBinding, grant: GrantRequest): Promise<TokenSet> {
    return this.#acquire(binding, async (told) => {
      const startedAt = performance.now();
      const attempts = { count: 0, unsure: false, told };
      const answer = await this.#send(binding, grant, attempts);
      const figures = {
        scope: grant.scope,
        durationMs: Math.round(performance.now() - startedAt),
        attempts: attempts.count,
      };
      return toldCommit(told, () => this.#commit.accept(binding, answer, figures));
    });
  }

  /**
   * Sends a grant request and stores nothing yet: whose token it is, is found out with it.
   *
   * @param binding - The client's own, as long as nobody knows better.
   */
  async obtain(binding: GrantBinding, grant: GrantRequest): Promise<ObtainedToken> {
    this.demandReady(binding);
    const startedAt = performance.now();
    const acquisition = beginTold(this.#parts, binding, 'forced');
    const attempts = { count: 0, unsure: false, told: acquisition };
    const send = () => this.#send(binding, grant, attempts);
    const answer = await this.#run(binding, () => told(acquisition, send, fetched));
    const { scope } = grant;
    const token = this.#commit.read(answer, scope);
    const durationMs = Math.round(performance.now() - startedAt);
    const figures = { scope, durationMs, attempts: attempts.count };
    return {
      token,
      keep: (owner) =>
        this.#store(owner, () =>
          // Part of the trace that brought it, though that has ended: nobody need ever keep it.
          toldCommit(acquisition, () => this.#commit.keep(owner, token, figures)),
        ),
      discard: () => this.#commit.discard(binding, answer),
    };
  }

  /** Stores a token that came without a token request. */
  accept(binding: GrantBinding, answer: GrantResponse, about: ExchangeFigures): Promise<TokenSet> {
    return this.#acquire(binding, (told) =>
      toldCommit(told, () => this.#commit.accept(binding, answer, about)),
    );
  }

  /** What a device authorization gets its token by; each question is one request, never repeated. */
  device(
    binding: GrantBinding,
    grantOf: (params: { device_code: string }) => GrantRequest,
  ): DeviceExchange {
    const { endpoint } = this.#parts;
    let scope: GrantRequest['scope'];
    let startedAt = 0;
    let told: ToldAcquisition | undefined;
    return {
      ask: (params) => {
        const grant = grantOf(params);
        ({ scope } = grant);
        startedAt = performance.now();
        return this.#run(binding, () => endpoint.request(grant, binding, { told }));
      },
      keep: (answer) => {
        const durationMs = Math.round(performance.now() - startedAt);
        const figures = { scope, durationMs, attempts: 1 };
        const store = () => this.#commit.accept(binding, answer, figures);
        return this.#run(binding, () => toldCommit(told, store));
      },
      failed: (error) => exchangeFailed(this.#parts, binding, error, { startedAt, attempts: 1 }),
      discard: (answer) => this.#commit.discard(binding, answer),
      around: (acquisition) =>
        defer(() => {
          told = beginTold(this.#parts, binding, 'forced');
          return toldStream(told, this.#around(binding, acquisition));
        }),
    };
  }

  /** Ends what goes on for long when the client is closed, or the application shut down. */
  whileOpen$<T>(binding: GrantBinding, begin: () => Observable<T>): Observable<T> {
    const ended$ = merge(this.#parts.work.ending$, this.#closed$).pipe(
      map(() => {
        throw shuttingDown(binding);
      }),
    );
    return defer(() => {
      this.demandReady(binding);
      return begin().pipe(takeUntil(ended$));
    });
  }

  /** Throws where no token is to be got: at shutdown, and inside a hook of what is asked for. */
  demandReady(binding: GrantBinding): void {
    const { reentrancy, work, refreshExtensions } = this.#parts;
    reentrancy.refuse(binding);
    if (work.closing || this.#closed) throw shuttingDown(binding);
    refreshExtensions();
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#closed = true;
    this.#closed$.next();
  }

  async #acquire(
    binding: GrantBinding,
    work: (told: ToldAcquisition | undefined) => Promise<TokenSet>,
  ): Promise<TokenSet> {
    this.demandReady(binding);
    const acquisition = beginTold(this.#parts, binding, 'forced');
    const acquire = () => this.#intercepted(binding, () => work(acquisition));
    return this.#run(binding, () => told(acquisition, acquire, fetched));
  }

  async #store(binding: GrantBinding, work: () => Promise<TokenSet>): Promise<TokenSet> {
    this.demandReady(binding);
    return this.#run(binding, () => this.#intercepted(binding, work));
  }

  #intercepted(binding: GrantBinding, work: () => Promise<TokenSet>): Promise<TokenSet> {
    return firstValueFrom(this.#around(binding, () => defer(work)));
  }

  /** Outside the caller's context; what asks for this very token from within is told so. */
  #run<T>(binding: GrantBinding, work: () => Promise<T>): Promise<T> {
    const { work: background, settings, reentrancy, interceptors, handlers } = this.#parts;
    const ofApplication = interceptors.any || handlers.any;
    return background.run(`token request of ${settings.name}`, () =>
      ofApplication ? reentrancy.within(binding, work) : work(),
    );
  }

  #around(
    { client, subject }: GrantBinding,
    acquisition: () => Observable<TokenSet>,
  ): Observable<TokenSet> {
    return this.#parts.interceptors.around({ client, subject, reason: 'forced' }, acquisition);
  }

  async #send(
    binding: GrantBinding,
    grant: GrantRequest,
    attempts: ExchangeAttempts,
  ): Promise<GrantResponse> {
    const { settings, endpoint } = this.#parts;
    const { repeatable } = grant;
    const sent$ = defer(() => {
      attempts.count += 1;
      return endpoint.request(grant, binding, attempts);
    });
    const startedAt = performance.now();
    try {
      return await firstValueFrom(
        sent$.pipe(retryExchange(attempts, { repeatable, patienceMs: settings.refresh.timeoutMs })),
      );
    } catch (error) {
      exchangeFailed(this.#parts, binding, error, { startedAt, attempts: attempts.count });
      throw error instanceof ExchangeFailure ? error.error : error;
    }
  }
}

/** How telemetry is told that an exchange went well. */
function fetched(): Ending {
  return { outcome: 'fetched' };
}
