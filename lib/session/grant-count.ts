import { waitWithin } from '../pipeline/patience.js';
import { isTokenRecord, type TokenRecord } from '../protocol/token-record.js';
import type { TokenKey } from '../store/token-key.js';
import type { TokenStore } from '../store/token-store.js';
import { walk } from './bounded-walk.js';

/** The grants of one client in the store: records without a variant. */
export interface GrantFigures {
  /** How many there are. */
  readonly total: number;
  /** How many of them were read, which is what the other figures are about. */
  readonly read: number;
  /** The access token has ended. That is nothing to worry about where it can be renewed. */
  readonly expired: number;
  /** The access token ends within `within` seconds, and has not ended yet. */
  readonly expiring: number;
  /** The access token ends, or has ended, and there is no refresh token: only the user can help. */
  readonly notRenewable: number;
  /** The record could not be read: the store failed, or it is damaged, or its key is missing. */
  readonly unreadable: number;
  /**
   * Why the figures are not of all grants: `limit`: not all were read; `time` and `store`: time was
   * up, or the store failed, before all were listed. Absent where they are of all.
   */
  readonly incomplete?: 'limit' | 'time' | 'store';
}

/** How grants are counted. */
export interface CountOptions {
  readonly clients?: readonly string[];
  /** Epoch seconds. */
  readonly now: number;
  readonly within: number;
  readonly limit: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Whether a grant of this client needs a user to be got again. */
  readonly ofUser: (key: TokenKey) => boolean;
}

type Figures = { -readonly [K in keyof GrantFigures]: GrantFigures[K] };

const TIME_UP = new Error('time is up');

/** Counts the grants of each client: streams through the store, with nothing of a record kept. */
export class GrantCount {
  readonly #store: TokenStore;
  readonly #options: CountOptions;
  readonly #figures = new Map<string, Figures>();
  #ended: 'time' | 'store' | undefined;

  constructor(store: TokenStore, options: CountOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Counts until all are counted, time is up, or the store fails. */
  async run(): Promise<void> {
    const { concurrency, timeoutMs } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    const walked = walk(this.#keys(), { concurrency, signal }, (key) => this.#one(key));
    try {
      await waitWithin(walked, { signal }, () => TIME_UP);
      if (signal.aborted) this.#ended = 'time';
    } catch (error) {
      this.#ended = error === TIME_UP ? 'time' : 'store';
    }
  }

  /** The clients that have grants. */
  get clients(): string[] {
    return [...this.#figures.keys()];
  }

  /** What was counted; reads that are late count no more. */
  of(client: string): GrantFigures {
    const figures = this.#of(client);
    const incomplete =
      this.#ended ?? (figures.read + figures.unreadable < figures.total ? 'limit' : undefined);
    return { ...figures, ...(incomplete && { incomplete }) };
  }

  async *#keys(): AsyncGenerator<TokenKey> {
    const clients = this.#options.clients && new Set(this.#options.clients);
    if (clients?.size === 0) return;
    const [only] = clients?.size === 1 ? clients : [];
    for await (const key of this.#store.keys!(only === undefined ? {} : { client: only })) {
      if (key.variant === undefined && (clients?.has(key.client) ?? true)) yield key;
    }
  }

  async #one(key: TokenKey): Promise<void> {
    const figures = this.#of(key.client);
    figures.total += 1;
    if (figures.total > this.#options.limit) return;
    try {
      const record = await this.#store.get(key);
      // Deleted since it was listed.
      if (record === undefined) figures.total -= 1;
      else if (isTokenRecord(record)) this.#look(key, record, figures);
      else figures.unreadable += 1;
    } catch {
      figures.unreadable += 1;
    }
  }

  #look(key: TokenKey, { expiresAt, refreshToken }: TokenRecord, figures: Figures): void {
    const { now, within, ofUser } = this.#options;
    figures.read += 1;
    if (expiresAt === undefined) return;
    if (expiresAt <= now) figures.expired += 1;
    else if (expiresAt <= now + within) figures.expiring += 1;
    if (refreshToken === undefined && ofUser(key)) figures.notRenewable += 1;
  }

  #of(client: string): Figures {
    const existing = this.#figures.get(client);
    if (existing) return existing;
    const none = { total: 0, read: 0, expired: 0, expiring: 0, notRenewable: 0, unreadable: 0 };
    this.#figures.set(client, none);
    return none;
  }
}
