import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Lease, TokenStore } from '../store/token-store.js';
import type { LeaseHolder, LeaseOutcome } from './lease-holder.js';
import type { NearCache } from './near-cache.js';
import type { WriteBack } from './write-back.js';

/** The parts that tokens come from, as far as one client's pipeline uses them. */
export interface GrantParts {
  readonly store: TokenStore;
  readonly cache: Pick<NearCache, 'usable' | 'last' | 'put' | 'putUntil' | 'drop' | 'watching'>;
  readonly writeBack: Pick<
    WriteBack,
    'get' | 'inMemory' | 'answered' | 'forget' | 'written' | 'keep' | 'keepInMemory'
  >;
  readonly leases: Pick<LeaseHolder, 'acquire' | 'keepAlive' | 'release' | 'giveUp' | 'overrule'>;
}

/**
 * The same parts as they are for one registration of a client: a token that was obtained under
 * another one, which named other servers, is not there. Whoever may edit a registration must not get
 * the tokens of its users by naming a server of their own. A token that names no registration was
 * there before its client came from a repository.
 */
export function grantsOf(registration: string, parts: GrantParts): GrantParts {
  const { cache, leases, writeBack } = parts;
  const mine = <T extends TokenRecord | undefined>(record: T): T | undefined => {
    const its = record?.registration;
    return its === undefined || its === registration ? record : undefined;
  };
  const mineOf = (token: TokenSet | undefined) => mine(token?.toRecord()) && token;
  return {
    store: storeOf(parts.store, mine),
    cache: {
      usable: (id) => mineOf(cache.usable(id)),
      last: (id) => mineOf(cache.last(id)),
      put: (...entry) => cache.put(...entry),
      putUntil: (...entry) => cache.putUntil(...entry),
      drop: (id) => cache.drop(id),
      watching: (id, work) => cache.watching(id, work),
    },
    writeBack: {
      get: (id) => mineOf(writeBack.get(id)),
      inMemory: (id) => mineOf(writeBack.inMemory(id)),
      answered: (id) => writeBack.answered(id),
      forget: (id) => writeBack.forget(id),
      written: (...token) => writeBack.written(...token),
      keep: (...token) => writeBack.keep(...token),
      keepInMemory: (...token) => writeBack.keepInMemory(...token),
    },
    leases: {
      acquire: async (question) => {
        const settled = (record: TokenRecord | undefined) => question.settled(mine(record));
        const usable = (record: TokenRecord | undefined) => question.usable(mine(record));
        return outcomeOf(await leases.acquire({ ...question, settled, usable }), mine);
      },
      keepAlive: (lease) => leases.keepAlive(lease),
      release: (lease) => leases.release(lease),
      giveUp: (lease) => leases.giveUp(lease),
      overrule: (key) => leases.overrule(key),
    },
  };
}

type Mine = <T extends TokenRecord | undefined>(record: T) => T | undefined;

function storeOf(store: TokenStore, mine: Mine): TokenStore {
  return {
    get: async (key) => mine(await store.get(key)),
    set: (key, record) => store.set(key, record),
    delete: (key) => store.delete(key),
    ...(store.keys && { keys: (query) => store.keys!(query) }),
  };
}

/** What another registration has left may be replaced: the lease is on the record as it is. */
function outcomeOf(outcome: LeaseOutcome, mine: Mine): LeaseOutcome {
  if (outcome.kind === 'needless') return outcome;
  const { lease } = outcome;
  const seen: Lease = {
    record: mine(lease.record),
    abandoned: lease.abandoned,
    commit: (next) => lease.commit(next),
    renew: (ttlMs) => lease.renew(ttlMs),
    release: () => lease.release(),
  };
  return { ...outcome, lease: seen };
}
