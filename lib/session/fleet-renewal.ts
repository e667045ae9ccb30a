import { Observable } from 'rxjs';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { TokenStoreError } from '../errors/store.errors.js';
import { storeError } from '../pipeline/lease-holder.js';
import { isTokenRecord, type TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import type { TokenStore } from '../store/token-store.js';
import { walk } from './bounded-walk.js';
import type { ClientDirectory } from './client-directory.js';
import { fleetOptions } from './fleet-options.js';
import { GrantRenewal } from './grant-renewal.js';
import {
  RENEW_EXPIRING_DEFAULTS,
  type RenewalProgress,
  type RenewalStep,
  type RenewExpiringOptions,
} from './renewal-progress.js';

type Options = RenewExpiringOptions & Required<typeof RENEW_EXPIRING_DEFAULTS>;
type Listing = TokenStore & Required<Pick<TokenStore, 'keys'>>;

/** Renews what ends soon, one run for each subscriber. */
export class FleetRenewal {
  readonly #directory: ClientDirectory;

  constructor(directory: ClientDirectory) {
    this.#directory = directory;
  }

  run$(given: RenewExpiringOptions): Observable<RenewalProgress> {
    const run$ = new Observable<RenewalProgress>((subscriber) => {
      const stop = new AbortController();
      const run = new Run(this.#directory, given, stop, (progress) => subscriber.next(progress));
      run.all().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => stop.abort();
    });
    // A job at night has nobody who looks: what it throws must not end the process.
    return this.#directory.shared.events.watched('renewExpiring()', run$);
  }
}

/** One run over all grants. */
class Run {
  readonly #directory: ClientDirectory;
  readonly #options: Options;
  readonly #stop: AbortController;
  readonly #tell: (progress: RenewalProgress) => void;
  readonly #counts = { renewed: 0, ended: 0, failed: 0, skipped: 0, total: 0, read: 0 };
  readonly #startedAt: number;
  readonly #clients: ReadonlySet<string>;
  readonly #store: Listing;

  constructor(
    directory: ClientDirectory,
    given: RenewExpiringOptions,
    stop: AbortController,
    tell: (progress: RenewalProgress) => void,
  ) {
    this.#options = fleetOptions('renewExpiring', given, {
      defaults: RENEW_EXPIRING_DEFAULTS,
      numbers: ['within'],
      others: ['clients', 'signal'],
    });
    this.#directory = directory;
    this.#startedAt = this.#now();
    this.#stop = stop;
    this.#tell = tell;
    this.#clients = this.#chosen();
    this.#store = listing(directory.shared.store);
    demandWithin(this.#options.within);
  }

  async all(): Promise<void> {
    const { shared } = this.#directory;
    const renewal = new GrantRenewal(this.#directory);
    const { signal: given, concurrency } = this.#options;
    const { signal } = this.#stop;
    const stop = () => this.#stop.abort();
    given?.addEventListener('abort', stop);
    if (given?.aborted === true || shared.work.closing) stop();
    const ending = shared.work.ending$.subscribe(stop);
    try {
      await walk(this.#keys(), { concurrency, signal }, (key) => this.#one(key, renewal));
    } finally {
      given?.removeEventListener('abort', stop);
      ending.unsubscribe();
      renewal.close();
    }
    this.#report({ finished: signal.aborted ? 'stopped' : 'complete' });
  }

  async #one(key: TokenKey, renewal: GrantRenewal): Promise<void> {
    const { store } = this.#directory.shared;
    let step: RenewalStep | undefined;
    try {
      const record = await store.get(key);
      this.#counts.read += 1;
      if (!isTokenRecord(record) || !this.#isDue(record) || this.#stop.signal.aborted) return;
      this.#counts.total += 1;
      step = await renewal.renew(key, record);
    } catch (cause) {
      // The store is closed under a run that was stopped, and that says nothing of the grant.
      if (this.#stop.signal.aborted) return;
      this.#counts.total += 1;
      const { client, subject } = key;
      step = { client, subject, outcome: 'failed', error: storeError(key, cause) };
    }
    this.#counts[step.outcome] += 1;
    this.#report({ step });
  }

  /**
   * Whether a record is to be renewed. What a renewal has brought since this run began, or a while
   * ago and without a chance to last longer than `within`, is as good as another renewal of it:
   * else replicas, one of which begins a little later, would all renew the same.
   */
  #isDue({ expiresAt, obtainedAt, version, grantId }: TokenRecord): boolean {
    const { within } = this.#options;
    const left = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - this.#now();
    if (left > within) return false;
    const isRenewed = grantId !== undefined && grantId !== version;
    if (!isRenewed || left <= 0) return true;
    const lifetime = left + this.#now() - obtainedAt;
    return obtainedAt < Math.trunc(this.#startedAt) && (lifetime > within || left <= lifetime / 2);
  }

  #now(): number {
    return this.#directory.shared.clock.now() / 1000;
  }

  async *#keys(): AsyncGenerator<TokenKey> {
    const [only, ...others] = this.#clients;
    if (only === undefined) return;
    try {
      for await (const key of this.#store.keys(others.length === 0 ? { client: only } : {})) {
        if (key.variant === undefined && this.#clients.has(key.client)) yield key;
      }
    } catch (cause) {
      throw new TokenStoreError({
        problem: 'The token store did not list all of its keys.',
        remedy: 'Check the store, and run renewExpiring() again: what was renewed stays renewed.',
        cause,
      });
    }
  }

  /** A machine's token costs nothing to get when it is needed: users' grants are what is renewed. */
  #chosen(): ReadonlySet<string> {
    const { clients = this.#directory.names() } = this.#options;
    const unknown = clients.find((name) => !this.#directory.has(name));
    if (unknown !== undefined) throw this.#directory.unknown(unknown);
    return new Set(clients.filter((name) => this.#directory.settings(name).actsForUsers));
  }

  #report(about: Pick<RenewalProgress, 'step' | 'finished'>): void {
    const { renewed, ended, failed, skipped } = this.#counts;
    this.#tell({ done: renewed + ended + failed + skipped, ...this.#counts, ...about });
  }
}

function listing(store: TokenStore): Listing {
  if (store.keys) return store as Listing;
  throw new ConfigurationError({
    problem: 'The store cannot list its keys, which renewExpiring() needs.',
    remedy: 'Use a store with keys(); grants are renewed when they are used, as ever.',
  });
}

function demandWithin(within: unknown): void {
  if (typeof within === 'number') return;
  throw new ConfigurationError({
    problem: 'renewExpiring() was not told within how many seconds a grant has to end.',
    remedy: 'Pass { within: 86_400 }, or whatever time passes until the next run.',
  });
}
