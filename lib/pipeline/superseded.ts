import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { ClientParts } from './client-parts.js';
import type { RenewedRun } from './renewal-run.js';

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
  async discard({ binding, token, record }: RenewedRun): Promise<void> {
    const { events, clock, revocation, work, store } = this.#parts;
    const { fingerprint, refreshToken, accessToken } = token;
    events.emit(binding.key, { type: 'superseded', at: clock.now(), fingerprint });
    if (!revocation.known) return;
    try {
      const theirs = await store.get(binding.grantKey);
      if (theirs && theirs.grantId === record?.grantId) return;
    } catch {
      // Not to be known now: a token too many does less harm than a grant ended by mistake.
      return;
    }
    const isNew = refreshToken !== undefined && refreshToken !== record?.refreshToken;
    const revoked = work.run(`revocation of a superseded token of ${binding.client}`, () =>
      isNew
        ? revocation.revoke(binding, refreshToken, 'refresh_token')
        : revocation.revoke(binding, accessToken, 'access_token'),
    );
    revoked.catch((error: unknown) => {
      const what = error instanceof OAuthClientError ? error.code : 'unknown';
      events.emit(binding.key, { type: 'revocation_failed', at: clock.now(), error: what });
    });
  }
}
