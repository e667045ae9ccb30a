import { LRUCache } from 'lru-cache';

const MAX_REPLACED = 8;

interface Seen {
  current: string | undefined;
  /** When `current` became known. */
  at: number;
  /** Versions that were seen to be replaced or deleted, and when that became known. */
  readonly replaced: Map<string, number>;
}

/**
 * Which versions of each record this process has seen replaced: one that comes back was put back.
 * What overlapped in time says nothing about which came first, and is never held against a record.
 */
export class SeenVersions {
  /** Counts what happens: a read that began before something was known may well not show it. */
  #clock = 0;
  readonly #seen: LRUCache<string, Seen> | undefined;

  /** @param maxKeys - Of how many keys; none turns it off. */
  constructor(maxKeys: number) {
    this.#seen = maxKeys > 0 ? new LRUCache({ max: maxKeys }) : undefined;
  }

  /** Something begins now. */
  now(): number {
    return (this.#clock += 1);
  }

  /** A write of a version begins: whoever reads it from now on is right. */
  writing(id: string, version: string | undefined): number {
    if (version !== undefined) this.#seen?.get(id)?.replaced.delete(version);
    return this.now();
  }

  /** A version was read; false when it had been replaced before that read began. */
  read(id: string, version: string, since: number): boolean {
    const seen = this.#seen?.get(id);
    if (!seen) {
      this.#seen?.set(id, { current: version, at: this.now(), replaced: new Map() });
      return true;
    }
    const replacedAt = seen.replaced.get(version);
    if (replacedAt !== undefined) return replacedAt > since;
    if (version !== seen.current && seen.at <= since) this.#replace(seen, version);
    return true;
  }

  /** A write that began then is done; without a version it was a delete. */
  wrote(id: string, version: string | undefined, since: number): void {
    const seen = this.#seen?.get(id);
    if (!seen) {
      this.#seen?.set(id, { current: version, at: this.now(), replaced: new Map() });
      return;
    }
    if (seen.at <= since) this.#replace(seen, version);
    else if (seen.current !== version) seen.current = undefined;
    if (version !== undefined) seen.replaced.delete(version);
  }

  #replace(seen: Seen, version: string | undefined): void {
    const { current, replaced } = seen;
    seen.at = this.now();
    seen.current = version;
    if (current === undefined || current === version) return;
    replaced.delete(current);
    replaced.set(current, seen.at);
    const [oldest] = replaced.keys();
    if (replaced.size > MAX_REPLACED && oldest !== undefined) replaced.delete(oldest);
  }
}
