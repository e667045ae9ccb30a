import type { FakeEndpoint, FakeRequest } from './fake-authorization-server.http.js';

/** What the server learnt and did while it answered one request. Secrets appear as fingerprints. */
export interface FakeJournalNotes {
  /** The value of `grant_type`. */
  grantType?: string;
  /** The client that asked. */
  client?: string;
  /** Whom the token or code is for. */
  subject?: string;
  /** The grant that tokens descend from: a refresh token and all that was issued after it share one. */
  family?: string;
  /** The `resource` parameters (RFC 8707). */
  resource?: string[];
  /** The token, the code or the assertion that the request brought, processed or not. */
  presented?: string;
  /** The refresh token or the code that was processed, whatever came of it. */
  spent?: string;
  /** `spent` had been spent before. */
  replay?: boolean;
  /** A new refresh token took the place of `spent`. */
  rotated?: boolean;
  /** Fingerprints of what was issued. */
  issued?: { accessToken?: string; refreshToken?: string; code?: string; idToken?: string };
  /** The error code of RFC 6749 or RFC 6750 that was answered. */
  error?: string;
  /** The script's effects, in order: `['delay', 'respond']`. */
  scripted?: string[];
}

/**
 * One request. The entry is made when the request has arrived; what became of it is filled in as it
 * becomes known.
 */
export interface FakeJournalEntry extends Readonly<FakeJournalNotes> {
  /** Counts from 1, over all endpoints. */
  readonly sequence: number;
  /** Epoch seconds by the server's clock. */
  readonly at: number;
  /** Which endpoint was called. */
  readonly endpoint: FakeEndpoint;
  /** The HTTP method. */
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  /** Undefined while the request hangs, and for good when no answer was given. */
  readonly status?: number;
  /** The answer was written, to its end, to a connection that was alive. */
  readonly delivered: boolean;
}

/** An entry as the server itself writes it. */
export type FakeJournalDraft = { -readonly [K in keyof FakeJournalEntry]: FakeJournalEntry[K] };

interface Waiter {
  endpoint: FakeEndpoint;
  when: (request: FakeRequest) => boolean;
  resolve: (request: FakeRequest) => void;
  reject: (reason: Error) => void;
}

/**
 * Every request a `FakeAuthorizationServer` received, in order of arrival.
 *
 * ```ts
 * expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
 * expect(server.journal.requests('token')[0]?.form.get('scope')).toBe('read');
 * ```
 */
export class FakeJournal {
  readonly #entries: FakeJournalEntry[] = [];
  readonly #requests: FakeRequest[] = [];
  readonly #waiters = new Set<Waiter>();
  #sequence = 0;

  /** All entries, or one endpoint's. */
  entries(endpoint?: FakeEndpoint): FakeJournalEntry[] {
    return this.#entries.filter((entry) => endpoint === undefined || entry.endpoint === endpoint);
  }

  /** The requests as they came, headers and secrets included. */
  requests(endpoint?: FakeEndpoint): FakeRequest[] {
    return this.#requests.filter((one) => endpoint === undefined || one.endpoint === endpoint);
  }

  /** Entries of the token endpoint, of one grant type if given. */
  tokenRequests(grantType?: string): FakeJournalEntry[] {
    const entries = this.entries('token');
    return entries.filter((entry) => grantType === undefined || entry.grantType === grantType);
  }

  /** Entries of the protected API, those answered with `status` if given. */
  apiCalls(status?: number): FakeJournalEntry[] {
    return this.entries('api').filter((entry) => status === undefined || entry.status === status);
  }

  /** How many requests there were, at one endpoint if given. */
  count(endpoint?: FakeEndpoint): number {
    return this.entries(endpoint).length;
  }

  /** Forgets all entries and requests; sequence numbers go on. */
  clear(): void {
    this.#entries.length = 0;
    this.#requests.length = 0;
  }

  /** @internal What `server.nextRequest()` returns. */
  next(endpoint: FakeEndpoint, when: (request: FakeRequest) => boolean): Promise<FakeRequest> {
    const arrival = new Promise<FakeRequest>((resolve, reject) => {
      this.#waiters.add({ endpoint, when, resolve, reject });
    });
    // A promise nobody awaits any more must not end the process when the server stops.
    arrival.catch(() => undefined);
    return arrival;
  }

  /** @internal Appends a request that has arrived. */
  append(at: number, received: Omit<FakeRequest, 'sequence'>): [FakeRequest, FakeJournalDraft] {
    const { endpoint, method, path } = received;
    const request: FakeRequest = { ...received, sequence: ++this.#sequence };
    const entry = { sequence: this.#sequence, at, endpoint, method, path, delivered: false };
    this.#requests.push(request);
    this.#entries.push(entry);
    for (const waiter of this.#waiters) {
      if (waiter.endpoint === endpoint && waiter.when(request)) {
        this.#waiters.delete(waiter);
        waiter.resolve(request);
      }
    }
    return [request, entry];
  }

  /** @internal Nobody will come any more. */
  close(): void {
    for (const waiter of this.#waiters) {
      waiter.reject(new Error(`The server stopped before a request at ${waiter.endpoint} came`));
    }
    this.#waiters.clear();
  }

  /** What JSON shows: how many entries there are. */
  toJSON(): unknown {
    return { entries: this.#entries.length };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `FakeJournal { ${this.#entries.length} entries }`;
  }
}
