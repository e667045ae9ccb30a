import { joinKey, type TokenKey } from '../store/token-key.js';
import type { ClientParts } from './client-parts.js';
import { storeError } from './lease-holder.js';

/**
 * Forgets the variants of a grant, which come from it and end with it. Those in a store that cannot
 * list its keys stay until they expire.
 */
export async function clearVariants(parts: ClientParts, grant: TokenKey): Promise<void> {
  const { store, feed, cache, writeBack } = parts;
  const { client, subject } = grant;
  try {
    for await (const key of store.keys?.({ client, subject }) ?? []) {
      if (key.variant === undefined) continue;
      await store.delete(key);
      writeBack.forget(joinKey(key));
      cache.drop(joinKey(key));
      feed.wrote(key);
    }
  } catch (cause) {
    throw storeError(grant, cause);
  }
}
