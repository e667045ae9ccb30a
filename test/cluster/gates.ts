import type { Lease, TokenKey, TokenRecord, TokenStore } from '../../lib/index.js';
import type { Arrival, Step } from '../support/cluster.messages.js';

/** Where the renewals of this process wait, when told so, until they are let go. */
export class Gates {
  readonly #armed = new Map<string, Step>();
  readonly #tell: (arrival: Arrival) => void;
  #pass: () => void = () => undefined;
  #passed = Promise.resolve();

  constructor(tell: (arrival: Arrival) => void) {
    this.#tell = tell;
  }

  /** The next renewal of each of these users waits at a step. */
  arm(step: Step, subjects: readonly string[]): void {
    this.#passed = new Promise((resolve) => (this.#pass = resolve));
    for (const subject of subjects) this.#armed.set(subject, step);
  }

  /** Those that wait go on. */
  pass(): void {
    this.#armed.clear();
    this.#pass();
  }

  /** A renewal has come to a step. */
  async at(step: Step, subject: string, version?: string): Promise<void> {
    if (this.#armed.get(subject) !== step) return;
    this.#armed.delete(subject);
    const passed = this.#passed;
    this.#tell({ step, subject, ...(version !== undefined && { version }) });
    await passed;
  }
}

/** A store whose leases stand still at the gates. */
export function gated(store: TokenStore, gates: Gates): TokenStore {
  const gatedLease = (subject: string, lease: Lease): Lease => ({
    record: lease.record,
    abandoned: lease.abandoned,
    renew: (ms) => lease.renew(ms),
    release: () => lease.release(),
    commit: async (next: TokenRecord | undefined) => {
      await gates.at('before the commit', subject);
      await gates.at('during the commit', subject, next?.version);
      const written = await lease.commit(next);
      await gates.at('after the commit', subject);
      return written;
    },
  });
  return {
    changes$: store.changes$!,
    get: (key) => store.get(key),
    set: (key, record) => store.set(key, record),
    delete: (key) => store.delete(key),
    keys: (query) => store.keys!(query),
    close: async () => store.close?.(),
    acquireLease: async ({ subject, ...key }: TokenKey, ttlMs) => {
      await gates.at('before the lease', subject);
      const lease = await store.acquireLease!({ ...key, subject }, ttlMs);
      if (lease) await gates.at('after the lease', subject);
      return lease && gatedLease(subject, lease);
    },
  };
}
