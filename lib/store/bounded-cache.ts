import { LRUCache } from 'lru-cache';

/**
 * A cache of so many entries at most. It takes no memory before it holds something: given `max`, an
 * `LRUCache` makes room for all of them at once, and there are thousands of clients in some
 * applications.
 */
export function boundedCache<V extends object | number | boolean | string>(
  maxEntries: number,
  dispose?: (value: V) => void,
): LRUCache<string, V> {
  return new LRUCache<string, V>({
    maxSize: maxEntries,
    sizeCalculation: () => 1,
    ...(dispose && { dispose }),
  });
}
