import type { ClientParts } from './client-parts.js';
import type { RenewedRun } from './renewal-run.js';
import { tokenFigures } from './token-events.js';

/** What becomes of a token that nobody wants any more, since somebody set or deleted its record. */
export class Superseded {
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /**
   * Theirs stands, ours is revoked in the background, where the server can be asked to: unless
   * theirs is of the same grant, which a revocation would end for them, too.
   */
  async discard({ binding, token, record, attempts }: RenewedRun): Promise<void> {
    const { events, clock, unwanted, store } = this.#parts;
    events.emit(binding.key, {
      type: 'superseded',
      at: clock.now(),
      attempts: attempts.count,
      ...tokenFigures(token),
    });
    if (!unwanted.revocable) return;
    try {
      const theirs = await store.get(binding.grantKey);
      if (theirs && theirs.grantId === record?.grantId) return;
    } catch {
      // Not to be known now: a token too many does less harm than a grant ended by mistake.
      return;
    }
    unwanted.discard(binding, token, record?.refreshToken);
  }
}
