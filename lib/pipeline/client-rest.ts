import { LRUCache } from 'lru-cache';
import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { credentialsMark, type CredentialsMark } from './client-credentials.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { ExchangeFailure } from './exchange-failure.js';
import type { GrantBinding } from './grant-binding.js';
import type { TokenDemand } from './renewal-run.js';
import type { ConnectionSource } from './transport.js';

/** How long a client whose own credentials were refused asks no more, in seconds. */
const REFUSED_SECONDS = 30;
/** How long a server that throttles without saying for how long is left alone, in seconds. */
const THROTTLED_SECONDS = 5;
/** No server is left alone for longer, whatever it asks for, in seconds. */
const LONGEST_SECONDS = 600;
/** Errors that are about the client, whatever token it asked for. RFC 6749, section 5.2. */
const CLIENT_ERRORS: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);
const THROTTLED = 'throttled';
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
  /** Of a refusal: the credentials that were refused; other ones end the rest. */
  readonly mark?: CredentialsMark;
}

/**
 * Leaves the token endpoint alone for a while: as long as a throttling server asked for, or, for a
 * machine grant that was refused for good, until its credentials change or some time has passed.
 * What is wrong with one token (its scope, say) or with the options of one call holds up no other.
 */
export class ClientRest {
  readonly #settings: ClientSettings;
  readonly #clock: Clock;
  readonly #source: ConnectionSource;
  readonly #rests = new LRUCache<string, Rest>({ max: MAX_RESTS });

  constructor(settings: ClientSettings, clock: Clock, source: ConnectionSource) {
    this.#settings = settings;
    this.#clock = clock;
    this.#source = source;
  }

  /** Throws the error that began the rest, with the time to wait, while it lasts. */
  async check({ binding, demand }: Asking): Promise<void> {
    await this.#check(THROTTLED, binding);
    if (demand.options) return;
    await this.#check(WHOLE_CLIENT, binding);
    await this.#check(binding.id, binding);
  }

  /** Begins a rest where the failure calls for one. */
  async after({ error, kind }: ExchangeFailure, { binding, demand }: Asking): Promise<void> {
    if (kind === 'throttled') {
      const seconds = Math.min(LONGEST_SECONDS, error.retryAfter ?? THROTTLED_SECONDS);
      this.#rests.set(THROTTLED, { error, until: this.#clock.now() + seconds * 1000 });
      return;
    }
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
    const changed = which !== THROTTLED && rest.mark !== (await this.#mark());
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
