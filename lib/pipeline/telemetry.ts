/** How something ended that telemetry was told of. Never holds a secret, nor a subject. */
export interface Ending {
  /** One word out of few. */
  readonly outcome: string;
  /** Of a failure: the server's error code, else the HTTP status, the connection's code or ours. */
  readonly errorType?: string | undefined;
  /** Of a failure: our own error's message, where nothing in it is a server's. */
  readonly message?: string | undefined;
  /** The status of the server's answer, where one came. */
  readonly status?: number | undefined;
}

/** Something under way that telemetry is told of. Nothing here throws but what `within` runs. */
export interface ToldStep {
  /** Runs work so that what it begins is seen as part of this. */
  within<T>(work: () => T): T;
  /** Tells how it ended; only the first telling counts. */
  ended(ending: Ending): void;
}

/** A token request that telemetry is told of. */
export interface ToldRequest extends ToldStep {
  /** It is about to be sent, to the final address. Nothing counts as a request that never is. */
  sending(request: { readonly url: URL; readonly method: string }): void;
}

/** The acquisition of one token that telemetry is told of. */
export interface ToldAcquisition extends ToldStep {
  /** One more caller waits for it. */
  joined(): void;
  /** A token request brought its token, rather than somebody else's. */
  brought(what: 'fetched' | 'refreshed'): void;
  /** It waited for its turn among the renewals of its client, in milliseconds. */
  queued(forMs: number): void;
  /** Somebody else has changed the grant: it begins again. */
  overtaken(): void;
  /** Begins the stage that asks for the lease and reads the record, or the one that writes. */
  step(name: 'lease' | 'commit'): ToldStep;
  /** Begins a token request. */
  request(grantType: string): ToldRequest;
}

/** What is acquired, and why. */
export interface AskedAcquisition {
  readonly client: string;
  readonly reason: 'needed' | 'rejected' | 'forced';
  readonly isVariant: boolean;
}

/** What the pipeline tells to whoever makes traces and metrics of it. */
export interface Telemetry {
  /** A client was put together. */
  client(name: string): void;
  /** A caller asked for a token: one was at hand, or not. */
  lookedUp(client: string, isAtHand: boolean): void;
  /** A request was sent again after a 401; with the status of the second answer, if any. */
  replayed(client: string, status: number | undefined): void;
  /** Begins an acquisition, in the async context of who asks for it. */
  begin(asked: AskedAcquisition): ToldAcquisition;
}

/** Finds out who is to be told; `undefined` while there is nobody. */
export type FindTelemetry = () => Promise<Telemetry | undefined> | undefined;

/**
 * Whom the pipeline tells: nobody, until somebody is found. The search is made where it costs
 * nothing, so that it may be found late, and never on the path of a token that is at hand.
 */
export class TelemetrySwitch {
  /** Who is told. */
  current: Telemetry | undefined;
  readonly #find: FindTelemetry;
  #looking: Promise<void> | undefined;

  constructor(find: FindTelemetry = () => undefined) {
    this.#find = find;
  }

  /** Looks for somebody to tell; a promise while it is being loaded. Never fails. */
  look(): Promise<void> | undefined {
    if (this.current || this.#looking) return this.#looking;
    const found = this.#find();
    if (!found) return undefined;
    const landed = (telemetry?: Telemetry) => {
      this.current = telemetry;
      this.#looking = undefined;
    };
    return (this.#looking = found.then(landed, () => landed()));
  }

  /** A client was put together: its name comes before those of clients that come later. */
  client(name: string): void {
    void this.look();
    this.current?.client(name);
  }
}
