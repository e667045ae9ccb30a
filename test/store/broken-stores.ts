import {
  MemoryTokenStore,
  type Lease,
  type TokenKey,
  type TokenRecord,
  type TokenStore,
} from 'nestjs-oauth-client';

/** A store of nothing but what every store must have. */
export class IncompleteStore implements TokenStore {
  readonly #store = new MemoryTokenStore();

  get(key: TokenKey): Promise<TokenRecord | undefined> {
    return this.#store.get(key);
  }
  set(key: TokenKey, record: TokenRecord): Promise<void> {
    return this.#store.set(key, record);
  }
  delete(key: TokenKey): Promise<boolean> {
    return this.#store.delete(key);
  }
}

type LeaseChange = (lease: Lease, key: TokenKey, store: MemoryTokenStore) => Lease;

/** A good store but for its leases. */
class StoreWithLeases extends MemoryTokenStore {
  constructor(private readonly change: LeaseChange) {
    super();
  }

  override async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const lease = await super.acquireLease(key, ttlMs);
    return lease && this.change(lease, key, this);
  }
}

/** Keys joined as one would without thinking. */
class CarelessKeys extends MemoryTokenStore {
  override get(key: TokenKey): Promise<TokenRecord | undefined> {
    return super.get(careless(key));
  }
  override set(key: TokenKey, record: TokenRecord): Promise<void> {
    return super.set(careless(key), record);
  }
  override delete(key: TokenKey): Promise<boolean> {
    return super.delete(careless(key));
  }
}

/** Grants a lease after a moment's thought, in which somebody else may be granted it, too. */
class GrantsTwice extends MemoryTokenStore {
  readonly #held = new Set<string>();

  override async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const id = JSON.stringify(key);
    if (this.#held.has(id)) return undefined;
    await Promise.resolve();
    this.#held.add(id);
    setTimeout(() => this.#held.delete(id), ttlMs).unref();
    const record = await this.get(key);
    return { ...(await super.acquireLease(key, 1))!, record, release: async () => undefined };
  }
}

/** A set that leaves the lease of somebody else in force. */
class SetEndsNoLease extends MemoryTokenStore {
  readonly #held = new Map<string, number>();

  override async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const id = JSON.stringify(key);
    if ((this.#held.get(id) ?? 0) > performance.now()) return undefined;
    const lease = await super.acquireLease(key, ttlMs);
    if (!lease) return undefined;
    this.#held.set(id, performance.now() + ttlMs);
    const ended = <T>(value: T) => {
      this.#held.delete(id);
      return value;
    };
    return {
      ...lease,
      commit: (next) => lease.commit(next).then(ended),
      release: () => lease.release().then(ended),
    };
  }
}

/** Hands out, and keeps, the very objects it was given. */
class SharesObjects extends IncompleteStore {
  readonly #records = new Map<string, TokenRecord>();

  override async get(key: TokenKey): Promise<TokenRecord | undefined> {
    return this.#records.get(JSON.stringify(key));
  }
  override async set(key: TokenKey, record: TokenRecord): Promise<void> {
    this.#records.set(JSON.stringify(key), record);
  }
  override async delete(key: TokenKey): Promise<boolean> {
    return this.#records.delete(JSON.stringify(key));
  }
}

function careless({ client, subject, variant }: TokenKey): TokenKey {
  return {
    client: [client, subject, ...(variant === undefined ? [] : [variant])].join(':'),
    subject: '',
  };
}

/** Stores with one defect each, and a test of the contract that must find it. */
export const BROKEN_STORES: Readonly<
  Record<string, { readonly make: () => TokenStore; readonly caughtBy: string }>
> = {
  'a commit compares nothing': {
    make: () =>
      new StoreWithLeases((lease, key, store) => ({
        ...lease,
        commit: async (next) => {
          if (next) await store.set(key, next);
          else await store.delete(key);
          return true;
        },
      })),
    caughtBy: 'refuses to commit after a set',
  },
  'a commit compares versions alone': {
    make: () =>
      new StoreWithLeases((lease, key, store) => ({
        ...lease,
        commit: async (next) => {
          if ((await store.get(key))?.version !== lease.record?.version) return false;
          if (next) await store.set(key, next);
          else await store.delete(key);
          return true;
        },
      })),
    caughtBy: 'refuses to commit after a set of an equal record',
  },
  'a commit is refused once the lease has lapsed': {
    make: () =>
      new StoreWithLeases((lease) => ({
        ...lease,
        commit: async (next) => (await lease.renew(60_000)) && lease.commit(next),
      })),
    caughtBy: 'commits after the lease has lapsed, while nothing has changed',
  },
  'a set does not end a lease': {
    make: () => new SetEndsNoLease(),
    caughtBy: 'ends a lease by a set and by a delete',
  },
  'keys are joined by a colon': {
    make: () => new CarelessKeys(),
    caughtBy: 'keeps different keys apart, whatever they hold',
  },
  'nobody is told of an abandoned record': {
    make: () => new StoreWithLeases((lease) => ({ ...lease, abandoned: false })),
    caughtBy: 'says that a record was abandoned, until it changes',
  },
  'every record counts as abandoned': {
    make: () => new StoreWithLeases((lease) => ({ ...lease, abandoned: true })),
    caughtBy: 'grants a lease once, with the record as it stands',
  },
  'a lease is granted twice': {
    make: () => new GrantsTwice(),
    caughtBy: 'grants exactly one of 50 leases that are asked for at once',
  },
  'renewing a lapsed lease revives it': {
    make: () => new StoreWithLeases((lease) => ({ ...lease, renew: async () => true })),
    caughtBy: 'does not prolong a lease that has lapsed',
  },
  'records are shared with the caller': {
    make: () => new SharesObjects(),
    caughtBy: 'is not changed through what was given to it',
  },
};
