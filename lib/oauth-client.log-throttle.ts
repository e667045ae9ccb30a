/** A line is written once in so many milliseconds; what is like it is counted meanwhile. */
export const LOG_WINDOW_MS = 10_000;
/** So many kinds of lines are told apart at once; others are counted together. */
const MAX_KINDS = 1_000;

interface Kind {
  left: number;
  timer: NodeJS.Timeout;
  readonly summary: (left: number) => void;
}

/** Keeps an outage with thousands of users from filling the log. */
export class LogThrottle {
  readonly #kinds = new Map<string, Kind>();
  readonly #others: (left: number) => void;

  /** @param others - Writes how many lines were left out, of kinds too many to be told apart. */
  constructor(others: (left: number) => void) {
    this.#others = others;
  }

  /**
   * Whether a line of this kind is to be written now.
   *
   * @param summary - Writes how many lines of this kind were left out since.
   */
  admits(kind: string, summary: (left: number) => void): boolean {
    const known = this.#kinds.get(kind);
    if (known) {
      known.left += 1;
      return false;
    }
    const isOne = this.#kinds.size < MAX_KINDS;
    if (!isOne && kind !== '') {
      // The empty name is that of all others; it is made once the first of them comes.
      if (this.admits('', this.#others)) this.#kinds.get('')!.left += 1;
      return false;
    }
    this.#kinds.set(kind, { left: 0, timer: this.#timer(kind), summary });
    return true;
  }

  /** Writes what is still to be said. */
  end(): void {
    for (const [kind, { left, timer, summary }] of this.#kinds) {
      clearTimeout(timer);
      this.#kinds.delete(kind);
      if (left > 0) summary(left);
    }
  }

  #timer(kind: string): NodeJS.Timeout {
    return setTimeout(() => this.#pass(kind), LOG_WINDOW_MS).unref();
  }

  #pass(kind: string): void {
    const { left, summary } = this.#kinds.get(kind)!;
    this.#kinds.delete(kind);
    if (left === 0) return;
    summary(left);
    // That was a line, too: the next one is written after another while.
    this.#kinds.set(kind, { left: 0, timer: this.#timer(kind), summary });
  }
}
