import type { ClientCooldown } from '../pipeline/cooldown.js';
import type { TokenKey } from '../store/token-key.js';
import type { ClientDirectory } from './client-directory.js';
import {
  LONGEST_WINDOW_SECONDS,
  type ClientFailure,
  type ClientFigures,
  type RenewalFigures,
} from './client-figures.js';
import { fleetOptions } from './fleet-options.js';
import { GrantCount, type CountOptions, type GrantFigures } from './grant-count.js';

/** What `registry.status()` may be told. */
export interface OAuthClientStatusOptions {
  /** Only these clients; all when left out, those too that only the store knows. */
  clients?: readonly string[];
  /** Whether the grants in the store are counted. */
  grants?: boolean;
  /** A grant that ends within so many seconds is `expiring`. */
  within?: number;
  /** How many records of a client are read at most; 0 counts the grants and reads none. */
  limit?: number;
  /** How many records are read at a time. */
  concurrency?: number;
  /** Milliseconds after which the store is asked no more. */
  timeoutMs?: number;
  /** Seconds that {@link OAuthClientStatus.renewals} looks back, an hour at most. */
  windowSeconds?: number;
}

/** The defaults of {@link OAuthClientStatusOptions}, stated here alone. */
export const STATUS_DEFAULTS = {
  grants: true,
  within: 300,
  limit: 10_000,
  concurrency: 10,
  timeoutMs: 10_000,
  windowSeconds: 300,
};

/** How a client is doing. Plain and serialisable; never holds a secret or a subject. */
export interface OAuthClientStatus {
  /** The client's name. */
  readonly client: string;
  /** Whether it is configured here; if not, nothing but its grants in the store is known. */
  readonly configured: boolean;
  /** The issuer, where it is known: nothing is discovered for this. */
  readonly issuer?: string;
  /** Its grants; absent when the store cannot list its keys, or was not to be asked. */
  readonly grants?: GrantFigures;
  /** How many grants failed at their last renewal, as far as this process knows; 10,000 at most. */
  readonly failing: number;
  /** The renewals, first tokens among them, of the last `windowSeconds` in this process. */
  readonly renewals: RenewalFigures;
  /** The last token request that failed in this process. */
  readonly lastError?: ClientFailure;
  /** The token endpoint is left alone by this process. */
  readonly cooldown?: ClientCooldown;
}

/** Says how clients are doing. */
export class FleetStatus {
  readonly #directory: ClientDirectory;
  readonly #figures: ClientFigures;

  constructor(directory: ClientDirectory, figures: ClientFigures) {
    this.#directory = directory;
    this.#figures = figures;
  }

  async of(given: OAuthClientStatusOptions): Promise<OAuthClientStatus[]> {
    const options = fleetOptions('status', given, {
      defaults: STATUS_DEFAULTS,
      others: ['clients'],
    });
    const window = Math.min(options.windowSeconds, LONGEST_WINDOW_SECONDS);
    const count = options.grants ? await this.#count(options) : undefined;
    const configured = this.#directory.names();
    const unknown = (count?.clients ?? []).filter((name) => !this.#directory.has(name));
    const clients = options.clients ?? [...configured, ...unknown.sort()];
    return clients.map((client) => this.#one(client, window, count?.of(client)));
  }

  async #count(options: Omit<CountOptions, 'now' | 'ofUser'>): Promise<GrantCount | undefined> {
    const { store, clock } = this.#directory.shared;
    if (!store.keys) return undefined;
    const now = clock.now() / 1000;
    const known = new Map(
      this.#directory.names().map((name) => [name, this.#directory.settings(name).actsForUsers]),
    );
    const ofUser = ({ client, subject }: TokenKey) => known.get(client) ?? subject !== '';
    const count = new GrantCount(store, { ...options, now, ofUser });
    await count.run();
    return count;
  }

  #one(client: string, window: number, grants: GrantFigures | undefined): OAuthClientStatus {
    const configured = this.#directory.has(client);
    // A client that nobody has used has no rest, and is not put together to say so.
    const parts = this.#directory.used(client)?.parts;
    const known = configured ? this.#directory.settings(client).issuer : undefined;
    const issuer = parts?.metadata.issuer ?? known;
    const cooldown = parts?.rest.resting;
    const lastError = this.#figures.lastError(client);
    const now = this.#directory.shared.clock.now();
    return {
      client,
      configured,
      ...(issuer !== undefined && { issuer }),
      ...(grants && { grants }),
      failing: this.#figures.failing(client),
      renewals: this.#figures.renewals(client, window, now),
      ...(lastError && { lastError: { ...lastError } }),
      ...(cooldown && { cooldown }),
    };
  }
}
