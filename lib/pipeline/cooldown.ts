import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { defined } from '../protocol/defined.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { ExchangeFailure } from './exchange-failure.js';
import type { GrantBinding } from './grant-binding.js';
import { errorWord, type TokenEvent, type TokenEventBus } from './token-events.js';

/** How long a server that throttles without saying for how long is left alone, in seconds. */
const THROTTLED_SECONDS = 5;
/** No server is left alone for longer, whatever it asks for, in seconds. */
const LONGEST_SECONDS = 600;

/** When a token endpoint that fails again and again is left alone. */
export interface CooldownOptions {
  /**
   * After so many acquisitions in a row that end with a status of 5xx; each asks twice.
   *
   * @defaultValue 3
   */
  afterFailures?: number;
  /**
   * Seconds of the first rest; each failure after it doubles them.
   *
   * @defaultValue 5
   */
  seconds?: number;
  /**
   * Seconds of the longest rest.
   *
   * @defaultValue 60
   */
  maxSeconds?: number;
}

/** The defaults of {@link CooldownOptions}, stated here alone. */
export const COOLDOWN_DEFAULTS: Required<CooldownOptions> = {
  afterFailures: 3,
  seconds: 5,
  maxSeconds: 60,
};

/** A token endpoint that is left alone for a while. */
export interface ClientCooldown {
  /** When it is asked again, in epoch milliseconds. */
  readonly until: number;
  /** Why: the server's error, else the status of its answer. */
  readonly error: string;
}

interface Rest {
  readonly error: TokenEndpointError;
  readonly until: number;
  /** When the client began to rest, in epoch milliseconds. */
  readonly since: number;
  /** Whether the server has asked for it. */
  readonly asked: boolean;
}

/**
 * Leaves the token endpoint of one client alone for a while: as long as a throttling server asks
 * for, and longer each time that one fails which has failed before. Calls with a valid token go on;
 * what needs a new one fails at once, with the time to wait.
 */
export class Cooldown {
  readonly #settings: ClientSettings;
  readonly #clock: Clock;
  readonly #events: TokenEventBus;
  #failures = 0;
  #rest: Rest | undefined;

  constructor(settings: ClientSettings, clock: Clock, events: TokenEventBus) {
    this.#settings = settings;
    this.#clock = clock;
    this.#events = events;
  }

  /** Throws the error that began the rest, with the time to wait, while it lasts. */
  check({ client, subject }: GrantBinding): void {
    if (!this.#rest) return;
    const { error, until } = this.#rest;
    const left = Math.ceil((until - this.#clock.now()) / 1000);
    if (left <= 0) return this.#end();
    throw new TokenEndpointError({
      client,
      subject,
      endpoint: 'token',
      problem: `The token endpoint is left alone after "${error.error ?? error.status}".`,
      remedy: `The next try is made in ${left} s.`,
      error: error.error,
      errorDescription: error.errorDescription,
      status: error.status,
      retryAfter: left,
    });
  }

  /** When the rest ends, in epoch milliseconds; in the past, or 0, where there is none. */
  get until(): number {
    return this.#rest?.until ?? 0;
  }

  /** The rest, while it lasts. */
  get resting(): ClientCooldown | undefined {
    return this.#rest && restingUntil(this.#rest, this.#clock.now());
  }

  /** Begins a rest where a failure calls for one. */
  failed({ error, kind }: ExchangeFailure): void {
    if (kind === 'throttled') {
      const seconds = Math.min(LONGEST_SECONDS, error.retryAfter ?? THROTTLED_SECONDS);
      return this.#begin(error, seconds, true);
    }
    if (error.status !== undefined && error.status < 500) this.#failures = 0;
    const { cooldown } = this.#settings.refresh;
    if (cooldown === false || error.status === undefined || error.status < 500) return;
    const { afterFailures, seconds, maxSeconds } = { ...COOLDOWN_DEFAULTS, ...defined(cooldown) };
    this.#failures += 1;
    const beyond = this.#failures - afterFailures;
    if (beyond >= 0) this.#begin(error, Math.min(maxSeconds, seconds * 2 ** beyond), false);
  }

  /** The server answers again. What it has asked for itself lasts all the same. */
  succeeded(): void {
    this.#failures = 0;
    if (this.#rest && !this.#rest.asked) this.#end();
  }

  #begin(error: TokenEndpointError, seconds: number, asked: boolean): void {
    const now = this.#clock.now();
    const until = now + seconds * 1000;
    // Of the failures of an outage, all at once, one begins the rest.
    const former = this.#rest;
    if (former && former.until >= until) return;
    this.#rest = { error, until, asked, since: former?.since ?? now };
    if (former) return;
    this.#tell('cooldown_began', {
      at: now,
      retryAfter: Math.ceil(seconds),
      error: errorWord(error),
    });
  }

  #end(): void {
    const at = this.#clock.now();
    const durationMs = Math.round(at - (this.#rest?.since ?? at));
    this.#rest = undefined;
    this.#tell('cooldown_ended', { at, durationMs });
  }

  #tell(
    type: 'cooldown_began' | 'cooldown_ended',
    about: Pick<TokenEvent, 'at' | 'retryAfter' | 'error' | 'durationMs'>,
  ): void {
    this.#events.emit({ client: this.#settings.name, subject: '' }, { type, ...about });
  }
}

/** What is told of a rest; `undefined` where it is over. */
export function restingUntil(
  { error, until }: { readonly error: TokenEndpointError; readonly until: number },
  now: number,
): ClientCooldown | undefined {
  if (until <= now) return undefined;
  return { until, error: errorWord(error) };
}
