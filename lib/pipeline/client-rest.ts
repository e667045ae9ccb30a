import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { boundedCache } from '../store/bounded-cache.js';
import { credentialsMark, type CredentialsMark } from './client-credentials.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import { Cooldown, restingUntil, type ClientCooldown } from './cooldown.js';
import type { ExchangeFailure } from './exchange-failure.js';
import type { GrantBinding } from './grant-binding.js';
import type { TokenDemand } from './renewal-run.js';
import type { TokenEventBus } from './token-events.js';
import type { ConnectionSource } from './transport.js';

/** How long a client whose own credentials were refused asks no more, in seconds. */
const REFUSED_SECONDS = 30;
/** Errors that are about the client, whatever token it asked for. RFC 6749, section 5.2. */
const CLIENT_ERRORS: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);
const WHOLE_CLIENT = '';
const MAX_RESTS = 1_000;

/** Who asks, and whether with options of one call, which say nothing of other calls. */
interface Asking {
  readonly binding: GrantBinding;
  readonly demand: Pick<TokenDemand, 'options'>;
}

interface Rest {
  readonly error: TokenEndpointError;
  readonly until: number;
  /** The credentials that were refused; other ones end the rest. */
  readonly mark: CredentialsMark;
}

/**
 * Leaves the token endpoint alone for a while: while it cools down, or, for a machine grant that was
 * refused for good, until its credentials change or some time has passed. What is wrong with one
 * token (its scope, say) or with the options of one call holds up no other.
 */
export class ClientRest {
  readonly #settings: ClientSettings;
  readonly #clock: Clock;
  readonly #source: ConnectionSource;
  readonly #cooldown: Cooldown;
  readonly #rests = boundedCache<Rest>(MAX_RESTS);

  constructor(
    settings: ClientSettings,
    parts: { clock: Clock; source: ConnectionSource; events: TokenEventBus },
  ) {
    this.#settings = settings;
    this.#clock = parts.clock;
    this.#source = parts.source;
    this.#cooldown = new Cooldown(settings, parts.clock, parts.events);
  }

  /** Throws the error that began the rest, with the time to wait, while it lasts. */
  async check({ binding, demand }: Asking): Promise<void> {
    this.#cooldown.check(binding);
    if (demand.options) return;
    await this.#check(WHOLE_CLIENT, binding);
    await this.#check(binding.id, binding);
  }

  /** The rest of the whole client, while it lasts. */
  get resting(): ClientCooldown | undefined {
    const refused = this.#rests.peek(WHOLE_CLIENT);
    return this.#cooldown.resting ?? (refused && restingUntil(refused, this.#clock.now()));
  }

  /** A token was got: the server answers. */
  succeeded(): void {
    this.#cooldown.succeeded();
  }

  /** Seconds until the next try for this token, after a failure of it; 0 where it may be made now. */
  secondsLeft({ binding, demand }: Asking): number {
    const untils = [this.#cooldown.until];
    if (!demand.options) {
      for (const which of [WHOLE_CLIENT, binding.id])
        untils.push(this.#rests.peek(which)?.until ?? 0);
    }
    return Math.max(0, Math.ceil((Math.max(...untils) - this.#clock.now()) / 1000));
  }

  /** Begins a rest where the failure calls for one. */
  async after(failure: ExchangeFailure, { binding, demand }: Asking): Promise<void> {
    this.#cooldown.failed(failure);
    const { error, kind } = failure;
    const isRefusal = kind === 'final' && error.error !== undefined;
    if (!isRefusal || this.#settings.actsForUsers || demand.options) return;
    const until = this.#clock.now() + REFUSED_SECONDS * 1000;
    const which = CLIENT_ERRORS.has(error.error) ? WHOLE_CLIENT : binding.id;
    this.#rests.set(which, { error, until, mark: await this.#mark() });
  }

  async #check(which: string, { client, subject }: GrantBinding): Promise<void> {
    const rest = this.#rests.get(which);
    if (!rest) return;
    const left = rest.until - this.#clock.now();
    const changed = rest.mark !== (await this.#mark());
    if (left <= 0 || changed) {
      this.#rests.delete(which);
      return;
    }
    const { error } = rest;
    throw new TokenEndpointError({
      client,
      subject,
      endpoint: 'token',
      problem: `The token endpoint is left alone after "${error.error ?? error.status}".`,
      remedy: `The next try is made in ${Math.ceil(left / 1000)} s.`,
      error: error.error,
      errorDescription: error.errorDescription,
      status: error.status,
      retryAfter: Math.ceil(left / 1000),
    });
  }

  #mark(): Promise<CredentialsMark> {
    return credentialsMark(this.#settings, this.#source);
  }
}
