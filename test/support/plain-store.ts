import {
  MemoryTokenStore,
  type TokenKey,
  type TokenRecord,
  type TokenStore,
} from 'nestjs-oauth-client';

/** Nothing but get, set and delete. */
export class PlainStore implements TokenStore {
  readonly #store = new MemoryTokenStore();
  reads = 0;

  async get(key: TokenKey): Promise<TokenRecord | undefined> {
    this.reads += 1;
    return this.#store.get(key);
  }
  async set(key: TokenKey, record: TokenRecord): Promise<void> {
    return this.#store.set(key, record);
  }
  async delete(key: TokenKey): Promise<boolean> {
    return this.#store.delete(key);
  }
}
