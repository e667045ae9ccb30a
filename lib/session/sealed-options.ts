/**
 * Options as the container holds them: secrets in a private field, where printing a provider, or
 * what leads to it, does not show them.
 */
export class SealedOptions<T> {
  readonly #options: T;

  constructor(options: T) {
    this.#options = options;
  }

  /** The options. */
  open(): T {
    return this.#options;
  }
}
