import type { ClientHealth, OAuthHealthDetails } from './oauth.health.options.js';

type Status = ClientHealth['status'];
/** What one check found of a client. */
export type Finding = Partial<ClientHealth>;

const BY_SEVERITY: readonly Status[] = ['up', 'degraded', 'down'];
/** How many clients are shown at most, those that are not well first. */
const MAX_SHOWN = 100;

/** Gathers what checks find, and what it amounts to. */
export class HealthReport {
  readonly #clients = new Map<string, ClientHealth>();
  #store: OAuthHealthDetails['store'];

  /** What was found of the store. */
  store(status: Status, message?: string): void {
    this.#store = { status, ...(message !== undefined && { message }) };
  }

  /** What was found of a client; its status is the worst of all. */
  client(name: string, { status = 'up', ...finding }: Finding): void {
    const so = this.#clients.get(name);
    this.#clients.set(name, { ...so, ...finding, status: worst(so?.status ?? 'up', status) });
  }

  /** The worst that was found. */
  get status(): Status {
    const all = [...this.#clients.values()].map(({ status }) => status);
    return worst(this.#store?.status ?? 'up', ...all);
  }

  /** What is shown: of so many clients no more than a probe can carry. */
  get details(): Omit<OAuthHealthDetails, 'status'> {
    const clients = [...this.#clients].sort(([, one], [, other]) => rank(other) - rank(one));
    const omitted = clients.length - MAX_SHOWN;
    return {
      ...(this.#store && { store: this.#store }),
      ...(clients.length > 0 && { clients: Object.fromEntries(clients.slice(0, MAX_SHOWN)) }),
      ...(omitted > 0 && { omitted }),
    };
  }
}

function worst(...statuses: Status[]): Status {
  return BY_SEVERITY.findLast((status) => statuses.includes(status)) ?? 'up';
}

function rank({ status }: ClientHealth): number {
  return BY_SEVERITY.indexOf(status);
}
