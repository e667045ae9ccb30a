import type { TokenSet } from '../protocol/token-set.js';
import { boundedCache } from '../store/bounded-cache.js';

const MAX_BRAKES = 10_000;

/** A renewal that a 401 has brought about. */
interface Brake {
  /** The version that was rejected then: when it is rejected once more, that is old news. */
  readonly rejected: string;
  /** When what replaced it was obtained, in epoch seconds. */
  readonly obtainedAt: number;
  /** Epoch milliseconds until which no such token is renewed because of a 401. */
  readonly until: number;
}

/** Renewals that a 401 has brought about, which bring about no other for a while. */
export class RejectionBrakes {
  readonly #pauseMs: number;
  readonly #brakes = boundedCache<Brake>(MAX_BRAKES);

  constructor(pauseSeconds: number) {
    this.#pauseMs = pauseSeconds * 1000;
  }

  /** A rejected token was replaced by another. */
  renewed(id: string, rejected: TokenSet, { obtainedAt }: TokenSet, now: number): void {
    this.#brakes.set(id, { rejected: rejected.version, obtainedAt, until: now + this.#pauseMs });
  }

  /** Whether a 401 has brought about this token, or one like it, a short while ago. */
  holds(id: string, rejected: TokenSet, now: number): boolean {
    const brake = this.#brakes.get(id);
    if (!brake || now >= brake.until) return false;
    return rejected.version !== brake.rejected && rejected.obtainedAt >= brake.obtainedAt;
  }

  /** The token was set or deleted. */
  forget(id: string): void {
    this.#brakes.delete(id);
  }
}
