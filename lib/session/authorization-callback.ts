import {
  AuthorizationResponseError,
  MismatchingStateError,
} from '../errors/authorization.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import {
  parseAuthorizationResponse,
  type AuthorizationResponse,
} from '../protocol/authorization-response.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { hashesTo, sha256 } from './hashes.js';

/** How long the user may take between leaving and coming back, in milliseconds. */
export const PENDING_MS = 10 * 60 * 1000;

/** What a callback that was found good leads to. */
export interface JudgedCallback {
  readonly record: AuthorizationRequestRecord;
  readonly response: AuthorizationResponse;
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
   * subject, issuer, error. What is taken is spent, whatever comes of it.
   *
   * @param subjectFromRecord - Whether the subject is the one that the flow was begun for.
   */
  async judge(
    session: GrantBinding,
    authorizationResponse: string,
    browser: string | undefined,
    subjectFromRecord: boolean,
  ): Promise<JudgedCallback> {
    const { settings, metadata, idTokens } = this.#parts;
    const response = parseAuthorizationResponse(authorizationResponse, {
      fragment: settings.grant === 'implicit',
    });
    await metadata.ready();
    // A code is not spent for an ID token that could not be verified then.
    if (settings.scope.includes('openid') && metadata.issuer !== undefined) await idTokens.ready();
    const record = await this.take(session, response.state, browser, subjectFromRecord);
    this.#judgeResponse(response, record);
    return { record, response };
  }

  /** Takes the request that a state belongs to, and judges state, age, client, subject, browser. */
  async take(
    session: GrantBinding,
    state: string | undefined,
    browser: string | undefined,
    subjectFromRecord: boolean,
  ): Promise<AuthorizationRequestRecord> {
    const { settings, clock } = this.#parts;
    const request = state && (await this.#requests.take(sha256(state)));
    // A store may keep a request for longer than it was asked to.
    if (!request || clock.now() - request.createdAt >= PENDING_MS) {
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
    const refuse = (errorDescription: string) =>
      new AuthorizationResponseError({
        client,
        error: 'invalid_response',
        errorDescription,
        returnTo,
      });
    const [repeated] = response.repeated;
    if (repeated !== undefined) throw refuse(`the parameter ${repeated} came more than once`);
    if (issuer !== undefined) {
      const mustName = metadata.known?.authorization_response_iss_parameter_supported === true;
      if (response.iss === undefined && mustName) throw refuse('it names no issuer');
      if (response.iss !== undefined && withoutSlash(response.iss) !== withoutSlash(issuer)) {
        throw refuse('it is of another issuer than the one that was asked');
      }
    }
    if (response.error === undefined) return;
    const { error, errorDescription } = response;
    throw new AuthorizationResponseError({ client, error, errorDescription, returnTo });
  }

  #mismatch(problem: string, remedy?: string): MismatchingStateError {
    const client = this.#parts.settings.name;
    return new MismatchingStateError({ client, problem, ...(remedy !== undefined && { remedy }) });
  }
}

/** Issuers are often configured without the slash that the server's own name ends in. */
function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
