import type { TokenSet } from '../protocol/token-set.js';
import { boundedCache } from '../store/bounded-cache.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { GrantBinding } from './grant-binding.js';
import type { Turns } from './turns.js';

/** How long after a failure the next try is made at the earliest, in milliseconds. */
const PAUSE_MS = 5_000;
const MAX_TOKENS = 10_000;

/** Renews one token, and fails as a renewal does. */
type Renew = (binding: GrantBinding, version: string) => Promise<unknown>;

/**
 * Renews tokens in the background before they end, while calls go on with them: each at a time of
 * its own within the last part of its life, so that neither replicas nor subjects whose tokens came
 * together ask at once.
 */
export class RenewAhead {
  readonly #aheadSeconds: number;
  readonly #leewaySeconds: number;
  readonly #clock: Clock;
  readonly #renew: Renew;
  /** When each token is due, by its version, in epoch milliseconds. */
  readonly #due = boundedCache<number>(MAX_TOKENS);
  readonly #turns: Turns;

  constructor(
    settings: ClientSettings,
    { clock, turns }: { readonly clock: Clock; readonly turns: Turns },
    renew: Renew,
  ) {
    this.#aheadSeconds = settings.refresh.aheadSeconds;
    this.#leewaySeconds = settings.refresh.leewaySeconds;
    this.#clock = clock;
    this.#turns = turns;
    this.#renew = renew;
  }

  /** Looks at a token that is being used; renews it where its time has come. */
  used(binding: GrantBinding, token: TokenSet): void {
    const now = this.#clock.now();
    const due = this.#due.get(token.version) ?? this.#schedule(token);
    if (now < due) return;
    this.#due.set(token.version, Number.POSITIVE_INFINITY);
    this.#turns.take(() => {
      // What failed was told as an event; the token is valid, and is tried again.
      this.#renew(binding, token.version).catch(() => {
        this.#due.set(token.version, this.#clock.now() + PAUSE_MS * (1 + Math.random()));
      });
    });
  }

  /** A time of its own for each token, in each process. */
  #schedule(token: TokenSet): number {
    const { expiresAt, obtainedAt } = token;
    let due = Number.POSITIVE_INFINITY;
    if (expiresAt !== undefined) {
      // Half of a short life at most, and never so late that callers would have to wait.
      const ahead = Math.min(this.#aheadSeconds, (expiresAt - obtainedAt) / 2);
      const room = Math.max(0, ahead - Math.min(this.#leewaySeconds, ahead / 2));
      due = (expiresAt - ahead + (room / 2) * Math.random()) * 1000;
    }
    this.#due.set(token.version, due);
    return due;
  }
}
