import { generateRandomNonce } from 'oauth4webapi';
import {
  AuthorizationResponseError,
  MismatchingStateError,
} from '../errors/authorization.errors.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { authorizationRequestUrl, createPkce } from '../protocol/authorization-request.js';
import {
  parseAuthorizationResponse,
  type AuthorizationResponse,
} from '../protocol/authorization-response.js';
import type { Params } from '../protocol/params.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { hashesTo, sha256 } from './hashes.js';

/** How long the user may take between leaving and coming back, in milliseconds. */
const PENDING_MS = 10 * 60 * 1000;

/** What an authorization request is begun with. */
export interface AuthorizationUrlOptions {
  /** What ties the flow to this browser, such as its session id; the callback must show the same. */
  binding?: string;
  /** Where inside the application to return to: a path such as `/settings`. */
  returnTo?: string;
  /** The state to send; a new random one when left out. A value seen before is refused. */
  state?: string;
  /** Another scope than the client's. */
  scope?: readonly string[];
  /** The PKCE verifier to use; a new random one when left out. A secret. RFC 7636, section 4.1. */
  codeVerifier?: string;
  /** Another redirect URI than the client's. */
  redirectUri?: string;
  /** Further parameters of this request. */
  params?: Params;
}

/** The authorization code grant of one client: the way out and the way back. RFC 6749, 4.1. */
export class AuthorizationFlow {
  readonly #parts: ClientParts;
  readonly #requests: AuthorizationRequestStore;

  constructor(parts: ClientParts, requests: AuthorizationRequestStore) {
    this.#parts = parts;
    this.#requests = requests;
  }

  /** The URL to send the user to; what the callback needs is kept under a hash of the state. */
  async begin(
    binding: GrantBinding,
    options: AuthorizationUrlOptions,
  ): Promise<{ url: string; state: string }> {
    const { settings, metadata, clock } = this.#parts;
    this.#demandLocal(options.returnTo);
    const endpoint = await metadata.endpoint('authorization');
    const state = options.state ?? (await settings.newState());
    const pkce = await createPkce(settings.pkce, options.codeVerifier);
    const scope = options.scope ?? binding.variant?.scope ?? settings.scope;
    const nonce = scope.includes('openid') ? generateRandomNonce() : undefined;
    const redirectUri = options.redirectUri ?? settings.redirectUri;
    const record: AuthorizationRequestRecord = {
      client: settings.name,
      subject: binding.subject,
      scope,
      createdAt: clock.now(),
      ...(metadata.issuer !== undefined && { issuer: metadata.issuer }),
      ...(redirectUri !== undefined && { redirectUri }),
      ...(pkce && { codeVerifier: pkce.verifier }),
      ...(nonce !== undefined && { nonce }),
      ...(options.binding !== undefined && { bindingHash: sha256(options.binding) }),
      ...(options.returnTo !== undefined && { returnTo: options.returnTo }),
    };
    if (typeof state !== 'string' || state === '') throw this.#badState('is empty');
    if (!(await this.#requests.save(sha256(state), record, PENDING_MS))) {
      throw this.#badState('was used before');
    }
    const url = authorizationRequestUrl({
      endpoint,
      clientId: settings.clientId,
      responseType: settings.grant === 'implicit' ? 'token' : 'code',
      state,
      scope: scope.join(settings.scopeSeparator),
      params: [settings.authorizationParams, options.params],
      ...(redirectUri !== undefined && { redirectUri }),
      ...(nonce !== undefined && { nonce }),
      ...(pkce && { pkce }),
    });
    return { url, state };
  }

  /**
   * Takes the request that a callback answers, and judges both: state, browser, client, subject,
   * issuer, error. What is taken is spent, whatever comes of it.
   */
  async judge(
    session: GrantBinding,
    authorizationResponse: string,
    browser: string | undefined,
    subjectFromRecord: boolean,
  ): Promise<{ record: AuthorizationRequestRecord; response: AuthorizationResponse }> {
    const { settings, metadata } = this.#parts;
    const client = settings.name;
    const response = parseAuthorizationResponse(authorizationResponse, {
      fragment: settings.grant === 'implicit',
    });
    await metadata.ready();
    const request = response.state && (await this.#requests.take(sha256(response.state)));
    if (!request) {
      throw this.#mismatch(
        response.state === undefined
          ? 'The callback carries no state.'
          : 'The state of the callback is unknown, was used already, or is too old.',
      );
    }
    if (request.client !== client) {
      throw this.#mismatch('The state of the callback belongs to another client.');
    }
    if (!subjectFromRecord && request.subject !== session.subject) {
      throw this.#mismatch('The state of the callback belongs to another subject.');
    }
    this.#demandSameBrowser(request, browser, subjectFromRecord);
    this.#judgeResponse(response, request);
    return { record: request, response };
  }

  #demandSameBrowser(
    request: AuthorizationRequestRecord,
    browser: string | undefined,
    subjectFromRecord: boolean,
  ): void {
    const { bindingHash } = request;
    if (bindingHash === undefined && !subjectFromRecord && browser === undefined) return;
    if (bindingHash === undefined) {
      throw this.#mismatch(
        'The flow was begun without a binding.',
        'Pass a binding to authorizationUrl(), or complete on the session of the subject.',
      );
    }
    if (browser === undefined || !hashesTo(browser, bindingHash)) {
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
      if (response.iss !== undefined && response.iss !== issuer) {
        throw refuse('it is of another issuer than the one that was asked');
      }
    }
    if (response.error === undefined) return;
    const { error, errorDescription } = response;
    throw new AuthorizationResponseError({ client, error, errorDescription, returnTo });
  }

  #demandLocal(returnTo: string | undefined): void {
    if (returnTo === undefined || /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(returnTo)) return;
    throw new ConfigurationError({
      client: this.#parts.settings.name,
      problem: 'returnTo is not a path of this application.',
      remedy: "Pass a path that begins with one slash, such as '/settings'.",
    });
  }

  #badState(what: string): ConfigurationError {
    return new ConfigurationError({
      client: this.#parts.settings.name,
      problem: `The state ${what}.`,
      remedy: 'Make a new random state for each flow, or leave the state option out.',
    });
  }

  #mismatch(problem: string, remedy?: string): MismatchingStateError {
    const client = this.#parts.settings.name;
    return new MismatchingStateError({ client, problem, ...(remedy !== undefined && { remedy }) });
  }
}
