import { defer, firstValueFrom, map, merge, Subject, takeUntil, type Observable } from 'rxjs';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { DeviceExchange } from '../pipeline/device-poll.js';
import { ExchangeCommit, type ExchangeFigures } from '../pipeline/exchange-commit.js';
import { ExchangeFailure } from '../pipeline/exchange-failure.js';
import { retryExchange } from '../pipeline/exchange-retry.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import type { GrantRequest } from '../pipeline/grant-request.js';
import { shuttingDown } from '../pipeline/renewal.js';
import type { GrantResponse } from '../pipeline/token-endpoint.js';
import type { TokenSource } from '../pipeline/token-source.js';
import type { TokenSet } from '../protocol/token-set.js';

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
    return this.#acquire(binding, async () => {
      const startedAt = performance.now();
      const attempts = { count: 0, unsure: false };
      const answer = await this.#send(binding, grant, attempts);
      return this.#commit.accept(binding, answer, {
        scope: grant.scope,
        durationMs: Math.round(performance.now() - startedAt),
        attempts: attempts.count,
      });
    });
  }

  /** Stores a token that came without a token request. */
  accept(binding: GrantBinding, answer: GrantResponse, about: ExchangeFigures): Promise<TokenSet> {
    return this.#acquire(binding, () => this.#commit.accept(binding, answer, about));
  }

  /** What a device authorization gets its token by; each question is one request, never repeated. */
  device(
    binding: GrantBinding,
    grantOf: (params: { device_code: string }) => GrantRequest,
  ): DeviceExchange {
    const { endpoint } = this.#parts;
    let scope: GrantRequest['scope'];
    return {
      ask: (params) => {
        const grant = grantOf(params);
        ({ scope } = grant);
        return this.#run(binding, () => endpoint.request(grant, binding));
      },
      keep: (answer) =>
        this.#run(binding, () => this.#commit.accept(binding, answer, { scope, attempts: 1 })),
      discard: (answer) => this.#commit.discard(binding, answer),
      around: (acquisition) => this.#around(binding, acquisition),
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

  async #acquire(binding: GrantBinding, acquisition: () => Promise<TokenSet>): Promise<TokenSet> {
    this.demandReady(binding);
    return this.#run(binding, () =>
      firstValueFrom(this.#around(binding, () => defer(acquisition))),
    );
  }

  /** Outside the caller's context; what asks for this very token from within is told so. */
  #run<T>(binding: GrantBinding, work: () => Promise<T>): Promise<T> {
    const { work: background, settings, reentrancy } = this.#parts;
    return background.run(`token request of ${settings.name}`, () =>
      reentrancy.within(binding, work),
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
    attempts: { count: number; unsure: boolean },
  ): Promise<GrantResponse> {
    const { settings, endpoint } = this.#parts;
    const { repeatable } = grant;
    const sent$ = defer(() => {
      attempts.count += 1;
      return endpoint.request(grant, binding);
    });
    try {
      return await firstValueFrom(
        sent$.pipe(retryExchange(attempts, { repeatable, patienceMs: settings.refresh.timeoutMs })),
      );
    } catch (error) {
      throw error instanceof ExchangeFailure ? error.error : error;
    }
  }
}
