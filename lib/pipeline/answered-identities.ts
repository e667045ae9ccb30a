import { fingerprint } from '../protocol/fingerprint.js';
import { otherIdentity } from '../protocol/id-token.judge.js';
import { isIssuer } from '../protocol/issuer.js';
import type { IdTokenClaims, TokenResponse } from '../protocol/token-record.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import { exchangeFailure, type ExchangeFailure } from './exchange-failure.js';
import type { GrantBinding } from './grant-binding.js';
import type { GrantRequest } from './grant-request.js';
import { SignedTokenFault, type IdTokens } from './id-tokens.js';
import type { ServerMetadata } from './server-metadata.js';
import { errorWord, type TokenEventBus } from './token-events.js';
import type { UnwantedTokens } from './unwanted-tokens.js';

/** What identities are judged with. */
interface IdentityParts {
  readonly settings: ClientSettings;
  readonly metadata: ServerMetadata;
  readonly idTokens: IdTokens;
  readonly unwanted: UnwantedTokens;
  readonly events: TokenEventBus;
  readonly clock: Clock;
}

/** Judges what a token response says of the user; one that is refused is not left alive. */
export class AnsweredIdentities {
  readonly #parts: IdentityParts;

  constructor(parts: IdentityParts) {
    this.#parts = parts;
  }

  /**
   * The claims of the ID token. Without an issuer to judge it by, or where nobody asked for it, it
   * is kept in `raw` and not looked at.
   */
  async judge(
    grant: GrantRequest,
    binding: GrantBinding,
    response: TokenResponse,
    status: number,
  ): Promise<IdTokenClaims | undefined> {
    const { settings, metadata, unwanted } = this.#parts;
    const scope = grant.scope ?? settings.scope;
    const isAsked = grant.nonce !== undefined || grant.former || scope.includes('openid');
    if (metadata.issuer === undefined || !isAsked) return undefined;
    try {
      return await this.#claims(grant, binding, response, status);
    } catch (error) {
      const { access_token: accessToken, refresh_token: refreshToken } = response;
      unwanted.discard(binding, { accessToken, refreshToken }, spentBy(grant));
      throw error;
    }
  }

  async #claims(
    { step, nonce, former, signedInSince }: GrantRequest,
    binding: GrantBinding,
    { id_token: idToken, access_token: accessToken }: TokenResponse,
    status: number,
  ): Promise<IdTokenClaims | undefined> {
    const failure = (nature: string): ExchangeFailure =>
      exchangeFailure(binding, { status, nature });
    const refusal = (why: string) => failure(`an ID token that is refused: ${why}`);
    if (!idToken) {
      if (nonce === undefined) return undefined;
      throw failure('no ID token, which was asked for');
    }
    try {
      const context = { nonce, accessToken, former, signedInSince };
      return await this.#parts.idTokens.verify(idToken, context);
    } catch (error) {
      const isFault = error instanceof SignedTokenFault;
      if (step !== 'refresh_token') throw isFault ? refusal(error.message) : error;
      const another = await this.#otherIdentity(idToken, former);
      if (another !== undefined) throw refusal(another);
      // The refresh token is spent: what was known of the user stays known.
      this.#announce(binding, isFault ? error.message : errorWord(error), accessToken);
      return undefined;
    }
  }

  /** Why an ID token that is not to be believed is not to be overlooked, either. */
  async #otherIdentity(
    idToken: string,
    former: IdTokenClaims | undefined,
  ): Promise<string | undefined> {
    const unverified = await claimsIn(idToken);
    if (former) return otherIdentity(former, unverified);
    const { iss } = unverified;
    const isOurs = iss === undefined || isIssuer(this.#parts.metadata.issuer!, iss);
    return isOurs ? undefined : 'it is of another issuer';
  }

  #announce({ key }: GrantBinding, error: string, accessToken: string): void {
    const { events, clock } = this.#parts;
    const about = { at: clock.now(), error, fingerprint: fingerprint(accessToken) };
    events.emit(key, { type: 'id_token_refused', ...about });
  }
}

async function claimsIn(jwt: string): Promise<Readonly<Record<string, unknown>>> {
  const { decodeJwt } = await import('jose');
  try {
    return decodeJwt(jwt);
  } catch {
    return {};
  }
}

/** The refresh token that a renewal sends, which stays where the answer brings it again. */
function spentBy({ params }: GrantRequest): string | undefined {
  return params.flatMap((some) => some?.['refresh_token'] ?? []).at(-1);
}
