/**
 * What a failed check makes of the health: `degraded` says so and leaves the HTTP status at 200,
 * `down` makes it 503.
 */
export type HealthSeverity = 'degraded' | 'down';

/** How the store is checked. */
export interface StoreHealthOptions {
  /** What a store that does not answer means; `down` by default. */
  severity?: HealthSeverity;
  /** Milliseconds to wait for it; 1,000 by default. */
  timeoutMs?: number;
}

/** How authorization servers are checked. */
export interface MetadataCheckOptions {
  /** Only these clients; all when left out. Those without an issuer are not checked. */
  clients?: readonly string[];
  /** What a server that cannot be reached means; `degraded` by default. */
  severity?: HealthSeverity;
  /** Milliseconds to wait for all of them together; 1,000 by default. */
  timeoutMs?: number;
  /** What was found is good for so many seconds; 60 by default. */
  maxAgeSeconds?: number;
}

/** How clients in cooldown are found. */
export interface CooldownCheckOptions {
  /** Only these clients; all when left out. */
  clients?: readonly string[];
  /** What a client in cooldown means; `degraded` by default. */
  severity?: HealthSeverity;
}

/** How the share of failed renewals is judged: by what this process has done itself. */
export interface RenewalCheckOptions {
  /** Only these clients; all when left out. */
  clients?: readonly string[];
  /** What too many failures mean; `degraded` by default. */
  severity?: HealthSeverity;
  /** How far back is looked, in seconds, an hour at most; 300 by default. */
  windowSeconds?: number;
  /** The check fails when more than this share of them failed; 0.5 by default. */
  maxFailedShare?: number;
  /** Fewer renewals than this say nothing; 10 by default. */
  minRenewals?: number;
}

/** How all is checked at once: `false` leaves a check out. */
export interface OAuthHealthOptions {
  /** The clients of every check that names none of its own; all when left out. */
  clients?: readonly string[];
  /** See {@link StoreHealthOptions}. */
  store?: StoreHealthOptions | false;
  /** See {@link MetadataCheckOptions}. */
  metadata?: MetadataCheckOptions | false;
  /** See {@link CooldownCheckOptions}. */
  cooldown?: CooldownCheckOptions | false;
  /** See {@link RenewalCheckOptions}. */
  renewals?: RenewalCheckOptions | false;
}

/** What the health shows of one client: of each check what it found. */
export interface ClientHealth {
  /** The worst that was found. */
  status: 'up' | HealthSeverity;
  /** The issuer, where it is known. */
  issuer?: string;
  /** Whether the metadata of its authorization server can be read, else the code of the error. */
  metadata?: { reachable: true } | { reachable: false; error: string; httpStatus?: number };
  /** Until when its token endpoint is left alone, in ISO 8601, and after which error. */
  cooldown?: { until: string; error: string };
  /** Its renewals in the window; `failedShare` is of those that succeeded or failed. */
  renewals?: { succeeded: number; failed: number; ended: number; failedShare: number };
}

/** What the indicator reports under its key: what its checks found. */
export interface OAuthHealthDetails {
  /** The worst that was found. */
  status: 'up' | HealthSeverity;
  /** Whether the token store answers, where that was checked; the message says what is wrong. */
  store?: { status: 'up' | HealthSeverity; message?: string };
  /** The clients that were checked, by name: a hundred at most, those that are not well first. */
  clients?: Record<string, ClientHealth>;
  /** How many clients are left out of {@link OAuthHealthDetails.clients}, where there are more. */
  omitted?: number;
}

/** The defaults of the checks, stated here alone; of the rest, those of the registry. */
export const HEALTH_DEFAULTS = {
  store: 'down',
  clients: 'degraded',
  windowSeconds: 300,
  maxFailedShare: 0.5,
  minRenewals: 10,
} as const;
