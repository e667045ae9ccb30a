import { OTHER } from './names.js';

/**
 * Values that metrics may be told apart by: the first so many there are; all others count as one.
 * Each makes a time series of its own, and names of tenants would be without end.
 */
export class BoundedLabels {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The value itself, or what stands for those that are too many. */
  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#max) return OTHER;
    this.#known.add(value);
    return value;
  }
}
