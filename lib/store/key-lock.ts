/** Work on one key at a time, in the order it was asked for. */
export class KeyLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work once all that was asked for before it on this key is over. */
  async run<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(id);
    const run = (async () => {
      if (before) await Promise.allSettled([before]);
      return work();
    })();
    this.#last.set(id, run);
    try {
      return await run;
    } finally {
      if (this.#last.get(id) === run) this.#last.delete(id);
    }
  }
}
