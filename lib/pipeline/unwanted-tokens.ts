import type { BackgroundWork } from './background-work.js';
import type { GrantBinding } from './grant-binding.js';
import type { RevocationEndpoint } from './revocation-endpoint.js';

/** What tokens are ended with. */
interface UnwantedParts {
  readonly revocation: RevocationEndpoint;
  readonly work: BackgroundWork;
}

/** Ends tokens that came and are not kept, where the server can be asked to. RFC 7009. */
export class UnwantedTokens {
  readonly #parts: UnwantedParts;

  constructor(parts: UnwantedParts) {
    this.#parts = parts;
  }

  /** Whether the server can be asked to. */
  get revocable(): boolean {
    return this.#parts.revocation.known;
  }

  /**
   * Revokes the refresh token, and with it the grant; or the access token, where there is none, or
   * none but the one that is kept. In the background: a failure is an event.
   */
  discard(
    binding: GrantBinding,
    came: { readonly accessToken: string; readonly refreshToken?: string | undefined },
    kept?: string,
  ): void {
    const { revocation, work } = this.#parts;
    if (!this.revocable) return;
    const { accessToken, refreshToken } = came;
    const revoked = work.run(`revocation of an unwanted token of ${binding.client}`, () =>
      refreshToken && refreshToken !== kept
        ? revocation.revoke(binding, refreshToken, 'refresh_token')
        : revocation.revoke(binding, accessToken, 'access_token'),
    );
    // What came of it was told as an event.
    revoked.catch(() => undefined);
  }
}
