/**
 * A `Response` whose JSON is at hand, for a library that reads answers in that form: through a
 * stream and back it would take longer than all that is made of it.
 */
export class ParsedResponse extends Response {
  readonly #value: unknown;

  constructor(value: unknown) {
    super(null, { headers: { 'content-type': 'application/json' } });
    this.#value = value;
  }

  override json(): Promise<unknown> {
    return Promise.resolve(this.#value);
  }
}
