import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { fingerprint } from '../protocol/fingerprint.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { ExchangeFailure } from './exchange-failure.js';

/** How long a client whose own credentials were refused asks no more, in seconds. */
const REFUSED_SECONDS = 30;
/** How long a server that throttles without saying for how long is left alone, in seconds. */
const THROTTLED_SECONDS = 5;

interface Rest {
  readonly error: TokenEndpointError;
  readonly until: number;
  /** Of a refusal: the secret that was refused; another one ends the rest. */
  readonly secret?: string | undefined;
}

/**
 * Leaves the token endpoint alone for a while: as long as a throttling server asked for, or, for a
 * machine grant that was refused for good, until the secret changes or some time has passed.
 */
export class ClientRest {
  readonly #settings: ClientSettings;
  readonly #clock: Clock;
  #rest: Rest | undefined;

  constructor(settings: ClientSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Throws the error that began the rest, with the time to wait, while it lasts. */
  async check(): Promise<void> {
    const rest = this.#rest;
    if (!rest) return;
    const left = rest.until - this.#clock.now();
    const changed = rest.secret !== undefined && rest.secret !== (await this.#secret());
    if (left <= 0 || changed) {
      this.#rest = undefined;
      return;
    }
    const { error } = rest;
    throw new TokenEndpointError({
      client: this.#settings.name,
      endpoint: 'token',
      problem: `The token endpoint is left alone after "${error.error ?? error.status}".`,
      remedy: `The next try is made in ${Math.ceil(left / 1000)} s.`,
      error: error.error,
      errorDescription: error.errorDescription,
      status: error.status,
      retryAfter: Math.ceil(left / 1000),
    });
  }

  /** Begins a rest where the failure calls for one. */
  async after(failure: ExchangeFailure): Promise<void> {
    const { error, kind } = failure;
    if (kind === 'throttled') {
      const seconds = error.retryAfter ?? THROTTLED_SECONDS;
      this.#rest = { error, until: this.#clock.now() + seconds * 1000 };
    } else if (kind === 'final' && error.error !== undefined && !this.#settings.actsForUsers) {
      const until = this.#clock.now() + REFUSED_SECONDS * 1000;
      this.#rest = { error, until, secret: await this.#secret() };
    }
  }

  async #secret(): Promise<string> {
    return fingerprint((await this.#settings.clientSecret()) ?? '');
  }
}
