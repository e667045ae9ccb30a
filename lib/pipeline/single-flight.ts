/** Runs one piece of work a key at a time; who asks meanwhile gets the same result. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /** The work in flight under this key, if any. */
  inFlight(key: string): Promise<T> | undefined {
    return this.#flights.get(key);
  }

  /** Everything that is in flight. */
  all(): Promise<T>[] {
    return [...this.#flights.values()];
  }

  /** Joins the work under this key, or starts it. */
  run(key: string, work: () => Promise<T>): Promise<T> {
    const inFlight = this.#flights.get(key);
    if (inFlight) return inFlight;
    const flight = work();
    this.#flights.set(key, flight);
    const landed = () => void this.#flights.delete(key);
    flight.then(landed, landed);
    return flight;
  }
}
