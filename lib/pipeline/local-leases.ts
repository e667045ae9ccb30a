import type { TokenRecord } from '../protocol/token-record.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { Lease, TokenStore } from '../store/token-store.js';

/**
 * Leases for a store that has none: they hold within this process alone, which is what such a
 * store is for. A commit compares versions, as well as two steps can.
 */
export class LocalLeases {
  readonly #store: TokenStore;
  readonly #held = new Set<string>();

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** As `TokenStore.acquireLease`; it lasts until it is committed or released. */
  async acquire(key: TokenKey): Promise<Lease | undefined> {
    const id = joinKey(key);
    if (this.#held.has(id)) return undefined;
    this.#held.add(id);
    const end = () => void this.#held.delete(id);
    let record: TokenRecord | undefined;
    try {
      record = await this.#store.get(key);
    } catch (error) {
      end();
      throw error;
    }
    return {
      record,
      abandoned: false,
      commit: async (next) => {
        const current = await this.#store.get(key);
        if (current?.version !== record?.version) {
          end();
          return false;
        }
        if (next) await this.#store.set(key, next);
        else await this.#store.delete(key);
        end();
        return true;
      },
      renew: async () => true,
      release: async () => end(),
    };
  }
}
