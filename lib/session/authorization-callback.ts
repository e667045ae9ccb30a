import {
  AuthorizationResponseError,
  MismatchingStateError,
} from '../errors/authorization.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { SignedTokenFault } from '../pipeline/id-tokens.js';
import {
  parseAuthorizationResponse,
  type AuthorizationResponse,
} from '../protocol/authorization-response.js';
import { isIssuer, judgedIssuer } from '../protocol/issuer.js';
import type { IdTokenClaims } from '../protocol/token-record.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { demandResponse, isPending } from './flow-checks.js';
import { hashesTo, sha256 } from './hashes.js';

/** How long the user may take between leaving and coming back, in milliseconds. */
export const PENDING_MS = 10 * 60 * 1000;

/** What a flow is for: a user's account, or to find out who the user is. */
export type FlowKind = 'authorization' | 'sign_in';

/** What a callback may answer. */
interface Expected {
  /** The subject is the one that the flow was begun for. */
  readonly subjectFromRecord: boolean;
  readonly kind: FlowKind;
}

const OF_SESSION: Expected = { subjectFromRecord: false, kind: 'authorization' };

/** What a callback that was found good leads to. */
export interface JudgedCallback {
  readonly record: AuthorizationRequestRecord;
  readonly response: AuthorizationResponse;
  /** What the ID token of a hybrid response says: the one of the exchange must not contradict it. */
  readonly former?: IdTokenClaims;
}

/** The way back of the authorization code grant: which request a callback answers, and how. */
export class AuthorizationCallback {
  readonly #parts: ClientParts;
  readonly #requests: AuthorizationRequestStore;

  constructor(parts: ClientParts, requests: AuthorizationRequestStore) {
    this.#parts = parts;
    this.#requests = requests;
  }

  /**
   * Takes the request that a callback answers, and judges both: state, age, browser, client,
   * subject, issuer, error. What is taken is spent, whatever comes of it. Nothing is asked of the
   * server for a callback that answers nothing; for one that does, what its ID token is verified by
   * is at hand before the code is sent, or the flow fails with the code unspent.
   */
  async judge(
    session: GrantBinding,
    authorizationResponse: string,
    browser: string | undefined,
    expected: Expected,
  ): Promise<JudgedCallback> {
    const { settings, metadata } = this.#parts;
    demandResponse(settings.name, 'authorizationResponse', authorizationResponse);
    const response = parseAuthorizationResponse(authorizationResponse, {
      fragment: settings.grant === 'implicit' || settings.responseType !== 'code',
    });
    const record = await this.take(session, response.state, browser, expected);
    await metadata.ready();
    this.#judgeResponse(response, record);
    await this.demandKeys(record);
    const former = await this.#judgeTokens(response, record);
    return { record, response, ...(former && { former }) };
  }

  /** A code is not spent for an ID token that could not be verified then. */
  async demandKeys({ nonce }: AuthorizationRequestRecord): Promise<void> {
    if (nonce !== undefined) await this.#parts.idTokens.ready();
  }

  /** What a response brings beside the code was asked for, and is verified. */
  async #judgeTokens(
    { tokens, idToken, code }: AuthorizationResponse,
    record: AuthorizationRequestRecord,
  ): Promise<IdTokenClaims | undefined> {
    const { settings, idTokens } = this.#parts;
    const { nonce, returnTo } = record;
    if (settings.grant === 'implicit') return undefined;
    const isHybrid = settings.responseType === 'code id_token';
    const unasked = tokens.find((token) => !isHybrid || token !== 'id_token');
    if (unasked !== undefined) {
      throw this.#refusal(`it brings an ${unasked} that nobody asked for`, returnTo);
    }
    if (!isHybrid) return undefined;
    if (idToken === undefined) {
      throw this.#refusal('it brings no ID token, which was asked for', returnTo);
    }
    if (nonce === undefined) {
      throw this.#refusal('its ID token is of no flow: no nonce was sent', returnTo);
    }
    try {
      return await idTokens.verify(idToken, { nonce, code, signedInSince: signedInSince(record) });
    } catch (error) {
      if (!(error instanceof SignedTokenFault)) throw error;
      throw this.#refusal(`its ID token is refused: ${error.message}`, returnTo);
    }
  }

  /** Takes the request that a state belongs to, and judges state, age, client, subject, browser. */
  async take(
    session: GrantBinding,
    state: string | undefined,
    browser: string | undefined,
    { subjectFromRecord, kind }: Expected = OF_SESSION,
  ): Promise<AuthorizationRequestRecord> {
    const { settings, clock } = this.#parts;
    const request = state && (await this.#requests.take(sha256(state)));
    const isOurs = request && isPending(kind, request);
    // A store may keep a request for longer than it was asked to.
    if (!isOurs || clock.now() - request.createdAt >= PENDING_MS) {
      throw this.#mismatch(
        state === undefined
          ? 'The callback carries no state.'
          : 'The state of the callback is unknown, was used already, or is too old.',
      );
    }
    if (request.client !== settings.name) {
      throw this.#mismatch('The state of the callback belongs to another client.');
    }
    if (!subjectFromRecord && request.subject !== session.subject) {
      throw this.#mismatch('The state of the callback belongs to another subject.');
    }
    this.#demandSameBrowser(request, browser, subjectFromRecord);
    return request;
  }

  #demandSameBrowser(
    { bindingHash }: AuthorizationRequestRecord,
    browser: unknown,
    subjectFromRecord: boolean,
  ): void {
    if (bindingHash === undefined && !subjectFromRecord && browser === undefined) return;
    if (bindingHash === undefined) {
      throw this.#mismatch(
        'The flow was begun without a binding.',
        'Pass a binding to authorizationUrl(), or complete on the session of the subject.',
      );
    }
    if (typeof browser !== 'string' || !hashesTo(browser, bindingHash)) {
      throw this.#mismatch('The callback arrived in another browser than the flow was begun in.');
    }
  }

  #judgeResponse(response: AuthorizationResponse, request: AuthorizationRequestRecord): void {
    const { settings, metadata } = this.#parts;
    const client = settings.name;
    const { returnTo, issuer } = request;
    const refuse = (why: string) => this.#refusal(why, returnTo);
    const [repeated] = response.repeated;
    if (repeated !== undefined) throw refuse(`the parameter ${repeated} came more than once`);
    if (issuer !== undefined) {
      const mustName = request.namesIssuer === true || namesIssuer(metadata);
      // An ID token in the response names it, too. RFC 9207, section 2.4.
      const isNamed = response.iss !== undefined || response.idToken !== undefined;
      if (!isNamed && mustName) throw refuse('it names no issuer');
      // What was begun for many tenants comes back from one of them.
      const expected = judgedIssuer(metadata.issuer ?? issuer, issuer);
      if (response.iss !== undefined && !isIssuer(expected, response.iss)) {
        throw refuse('it is of another issuer than the one that was asked');
      }
    }
    if (response.error === undefined) return;
    const { error, errorDescription } = response;
    throw new AuthorizationResponseError({ client, error, errorDescription, returnTo });
  }

  #refusal(errorDescription: string, returnTo: string | undefined): AuthorizationResponseError {
    const client = this.#parts.settings.name;
    const error = 'invalid_response';
    return new AuthorizationResponseError({ client, error, errorDescription, returnTo });
  }

  #mismatch(problem: string, remedy?: string): MismatchingStateError {
    const client = this.#parts.settings.name;
    return new MismatchingStateError({ client, problem, ...(remedy !== undefined && { remedy }) });
  }
}

/** Whether the server has said that its answers name it. RFC 9207, section 3. */
export function namesIssuer({ known }: ClientParts['metadata']): boolean {
  return known?.authorization_response_iss_parameter_supported === true;
}

/** Since when the user must have signed in, where the flow was begun with a `max_age`. */
export function signedInSince({
  createdAt,
  maxAge,
}: AuthorizationRequestRecord): number | undefined {
  // Judged by when the flow was begun: the user may take their time to agree.
  return maxAge === undefined ? undefined : createdAt / 1000 - maxAge;
}
