/** Counts by two names, such as a client and a grant. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  add(outer: string, inner: string): void {
    const counts = this.#counts.get(outer) ?? new Map<string, number>();
    this.#counts.set(outer, counts.set(inner, (counts.get(inner) ?? 0) + 1));
  }

  toJSON(): Counts {
    return Object.fromEntries(
      [...this.#counts].map(([outer, counts]) => [outer, Object.fromEntries(counts)]),
    );
  }
}

export type Counts = Record<string, Record<string, number>>;
