import { boundedCache } from '../store/bounded-cache.js';
import type { TokenEvent, TokenEventBus } from '../pipeline/token-events.js';
import type { ChangeFeed } from '../pipeline/change-feed.js';
import { joinKey, type TokenKey } from '../store/token-key.js';

/** How fine the window of {@link RenewalFigures} is, in milliseconds. */
const SLOT_MS = 10_000;
/** The longest window, in seconds. */
export const LONGEST_WINDOW_SECONDS = 3_600;
const LONGEST_WINDOW_MS = LONGEST_WINDOW_SECONDS * 1000;
const MAX_SLOTS = LONGEST_WINDOW_MS / SLOT_MS;
const MAX_CLIENTS = 10_000;
const MAX_FAILING = 10_000;

/** A failed token request, without anything of the request. */
export interface ClientFailure {
  /**
   * The server's error, such as `invalid_client`, else its status, else the code of the connection
   * that failed, such as `ENOTFOUND`, else that of our error.
   */
  readonly code: string;
  /** When, in epoch milliseconds. */
  readonly at: number;
  /** Whether trying again was of no use. */
  readonly final: boolean;
}

/** What became of token requests in the last while, in this process. */
export interface RenewalFigures {
  /** Tokens that were got or renewed. */
  readonly succeeded: number;
  /** Requests that failed, for the time being or for good; and rotations that were lost. */
  readonly failed: number;
  /** Grants that the server says have ended: their users have to authorize again. */
  readonly ended: number;
}

type Outcome = keyof RenewalFigures;
type Slot = { at: number } & Record<Outcome, number>;

interface Client {
  /** Oldest first. */
  readonly slots: Slot[];
  failing: number;
  lastError?: ClientFailure;
}

/**
 * What this process has seen of each client's renewals, in bounded memory: counts by ten seconds of
 * the last hour, the last error, and which grants fail just now.
 */
export class ClientFigures {
  readonly #clients = boundedCache<Client>(MAX_CLIENTS);
  /** The grants whose last renewal failed, by key, with their client. */
  readonly #failing = boundedCache<string>(MAX_FAILING, (client) => this.#countFailing(client, -1));

  constructor(events: TokenEventBus, feed: ChangeFeed) {
    events.events$.subscribe((event) => this.#seen(event));
    // Whoever has written the record, here or elsewhere: what failed before says nothing of it.
    feed.changes$.subscribe((key) => void this.#failing.delete(grantId(key)));
  }

  /** Sums up the last so many seconds. */
  renewals(client: string, windowSeconds: number, now: number): RenewalFigures {
    const sum = { succeeded: 0, failed: 0, ended: 0 };
    for (const slot of this.#clients.peek(client)?.slots ?? []) {
      if (slot.at + SLOT_MS <= now - windowSeconds * 1000) continue;
      for (const outcome of ['succeeded', 'failed', 'ended'] as const) {
        sum[outcome] += slot[outcome];
      }
    }
    return sum;
  }

  /** How many grants of a client fail just now. */
  failing(client: string): number {
    return this.#clients.peek(client)?.failing ?? 0;
  }

  /** The last failed request of a client. */
  lastError(client: string): ClientFailure | undefined {
    return this.#clients.peek(client)?.lastError;
  }

  /** Forgets what it knows of a client: another one takes its name. */
  forget(client: string): void {
    for (const [id, owner] of [...this.#failing]) if (owner === client) this.#failing.delete(id);
    this.#clients.delete(client);
  }

  #seen(event: TokenEvent): void {
    const { client: name, type, at, reason, error = 'unknown', final = false } = event;
    const outcome = outcomeOf(event);
    if (outcome === undefined) return;
    const client = this.#client(name);
    slotOf(client.slots, at)[outcome] += 1;
    if (outcome === 'failed') {
      const isLost = type === 'reauthorization_required' && reason !== undefined;
      client.lastError = { code: isLost ? reason : error, at, final: isLost || final };
    }
    if (type === 'refresh_failed') this.#fails(event);
    else this.#failing.delete(grantId(event));
  }

  #fails(key: TokenKey): void {
    const id = grantId(key);
    if (this.#failing.get(id) !== undefined) return;
    this.#failing.set(id, key.client);
    this.#countFailing(key.client, 1);
  }

  #countFailing(name: string, by: number): void {
    const client = this.#clients.peek(name);
    if (client) client.failing = Math.max(0, client.failing + by);
  }

  #client(name: string): Client {
    const client = this.#clients.get(name) ?? { slots: [], failing: 0 };
    this.#clients.set(name, client);
    return client;
  }
}

function outcomeOf({ type, reason }: TokenEvent): Outcome | undefined {
  if (type === 'fetched' || type === 'refreshed') return 'succeeded';
  if (type === 'refresh_failed') return 'failed';
  if (type !== 'reauthorization_required') return undefined;
  if (reason === 'rotation_lost') return 'failed';
  return reason === 'grant_revoked' ? 'ended' : undefined;
}

/** The slot of a time; where the clock was put back, the newest. */
function slotOf(slots: Slot[], time: number): Slot {
  const at = Math.floor(time / SLOT_MS) * SLOT_MS;
  const last = slots.at(-1);
  if (last && last.at >= at) return last;
  const slot: Slot = { at, succeeded: 0, failed: 0, ended: 0 };
  slots.push(slot);
  // What nobody looks back to: else each of thousands of clients would come to keep all slots.
  const isOver = ({ at: other }: Slot) => other + SLOT_MS <= time - LONGEST_WINDOW_MS;
  while (slots.length > MAX_SLOTS || isOver(slots[0]!)) slots.shift();
  return slot;
}

function grantId({ client, subject }: TokenKey): string {
  return joinKey({ client, subject });
}
