import { MemoryTokenStore, type TokenKey, type TokenRecord } from 'nestjs-oauth-client';

/** A store whose reads take a turn of the event loop, or for ever. */
export class SlowStore extends MemoryTokenStore {
  hangs = false;
  most = 0;
  #reading = 0;

  override async get(key: TokenKey): Promise<TokenRecord | undefined> {
    if (this.hangs) return new Promise(() => undefined);
    this.#reading += 1;
    this.most = Math.max(this.most, this.#reading);
    await new Promise((resolve) => setImmediate(resolve));
    this.#reading -= 1;
    return super.get(key);
  }
}
