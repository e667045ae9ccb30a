import {
  defer,
  finalize,
  first,
  from,
  map,
  mergeMap,
  repeat,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { AuthorizationResponseError } from '../errors/authorization.errors.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Clock } from './clock.js';
import { ExchangeFailure } from './exchange-failure.js';
import type { GrantBinding } from './grant-binding.js';
import type { GrantResponse } from './token-endpoint.js';

/** What is added for good when the server says `slow_down`. RFC 8628, section 3.5. */
const SLOW_DOWN_MS = 5_000;
/** The longest pause that a timer of Node holds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A device code that waits for its user. RFC 8628, section 3.2. */
export interface DeviceCode {
  readonly deviceCode: string;
  readonly intervalSeconds: number;
  /** When the code ends, in epoch seconds. */
  readonly expiresAt: number;
}

/** How a device authorization gets its token. */
export interface DeviceExchange {
  /** Asks once. */
  ask(params: { device_code: string }): Promise<GrantResponse>;
  /** Stores what came. */
  keep(answer: GrantResponse): Promise<TokenSet>;
  /** Tells that it is over, and brought no token. */
  failed(error: unknown): void;
  /** Gives up what came when nobody listened any more. */
  discard(answer: GrantResponse): void;
  /** Puts the interceptors around the whole acquisition. */
  around(acquisition: () => Observable<TokenSet>): Observable<TokenSet>;
}

/**
 * Asks for the token of a device code until the user has decided, the code has ended, or nobody
 * listens any more; never sooner than the server allows. RFC 8628, sections 3.4 and 3.5.
 */
export function pollForToken(
  clock: Clock,
  binding: GrantBinding,
  { deviceCode, intervalSeconds, expiresAt }: DeviceCode,
  exchange: DeviceExchange,
): Observable<TokenSet> {
  return defer(() => {
    const pace = new Pace(intervalSeconds);
    let hasLeft = false;
    const leftMs = () => expiresAt * 1000 - clock.now();
    const ask = async (): Promise<GrantResponse | undefined> => {
      if (leftMs() <= 0) throw ended(binding, 'the user code has ended');
      try {
        const answer = await exchange.ask({ device_code: deviceCode });
        if (hasLeft) exchange.discard(answer);
        return answer;
      } catch (failure) {
        pace.after(failure, binding);
        return undefined;
      }
    };
    const turn = () => {
      const left = leftMs();
      if (pace.waitMs < left) return pause(pace.waitMs).pipe(mergeMap(ask));
      return pause(left).pipe(
        map(() => {
          throw ended(binding, 'the user code has ended');
        }),
      );
    };
    return defer(turn).pipe(
      repeat(),
      first((answer) => answer !== undefined),
      tap({ error: (error: unknown) => exchange.failed(error) }),
      mergeMap((answer) => from(exchange.keep(answer))),
      finalize(() => (hasLeft = true)),
    );
  });
}

/** How long to wait before the next question: the interval at least. RFC 8628, section 3.5. */
class Pace {
  #intervalMs: number;
  #unanswered = 0;
  #waitMs: number;

  constructor(intervalSeconds: number) {
    this.#intervalMs = intervalSeconds * 1000;
    this.#waitMs = this.#intervalMs;
  }

  get waitMs(): number {
    return this.#waitMs;
  }

  /** Takes note of an answer that is no token; throws the error that ends the asking. */
  after(failure: unknown, binding: GrantBinding): void {
    if (!(failure instanceof ExchangeFailure)) throw failure;
    const { error, errorDescription, status, retryAfter = 0 } = failure.error;
    if (error === 'access_denied') {
      throw new AuthorizationResponseError({ ...who(binding), error, errorDescription });
    }
    if (error === 'expired_token') throw ended(binding, errorDescription);
    if (error === 'slow_down') this.#intervalMs += SLOW_DOWN_MS;
    else if (error !== 'authorization_pending' && failure.kind === 'final') throw failure.error;
    // What never arrives backs off while it lasts; an answer asks for its pause this once.
    this.#unanswered = status === undefined ? this.#unanswered + 1 : 0;
    this.#waitMs = Math.max(this.#intervalMs * 2 ** this.#unanswered, retryAfter * 1000);
  }
}

/** A pause of any length. */
function pause(ms: number): Observable<unknown> {
  if (ms <= MAX_TIMER_MS) return timer(ms);
  return timer(MAX_TIMER_MS).pipe(mergeMap(() => pause(ms - MAX_TIMER_MS)));
}

function ended(binding: GrantBinding, errorDescription?: string): AuthorizationResponseError {
  const remedy = 'Begin again with authorizeDevice$() to get a new user code.';
  const error = 'expired_token';
  return new AuthorizationResponseError({ ...who(binding), error, errorDescription, remedy });
}

function who({ client, subject }: GrantBinding): { client: string; subject: string } {
  return { client, subject };
}
