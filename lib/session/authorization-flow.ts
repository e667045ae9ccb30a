import { generateRandomNonce } from 'oauth4webapi';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { targets } from '../pipeline/grant-request.js';
import {
  authorizationRequestUrl,
  createPkce,
  ownParams,
  type AuthorizationRequestParts,
  type Pkce,
} from '../protocol/authorization-request.js';
import type { Params } from '../protocol/params.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import {
  AuthorizationCallback,
  namesIssuer,
  PENDING_MS,
  type FlowKind,
  type JudgedCallback,
} from './authorization-callback.js';
import {
  demandFurther,
  demandNoVerifier,
  demandVerifier,
  maxAgeOf,
} from './authorization-params.js';
import { demandBinding, demandLocalPath } from './flow-checks.js';
import { sha256 } from './hashes.js';

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
  /** Further parameters of this request; none that another option or the library decides. */
  params?: Params;
}

/** The authorization code grant of one client: the way out and the way back. RFC 6749, 4.1. */
export class AuthorizationFlow {
  readonly #parts: ClientParts;
  readonly #requests: AuthorizationRequestStore;
  readonly #callback: AuthorizationCallback;

  constructor(parts: ClientParts, requests: AuthorizationRequestStore) {
    this.#parts = parts;
    this.#requests = requests;
    this.#callback = new AuthorizationCallback(parts, requests);
  }

  /** The URL to send the user to; what the callback needs is kept under a hash of the state. */
  async begin(
    binding: GrantBinding,
    options: AuthorizationUrlOptions,
    kind: FlowKind = 'authorization',
  ): Promise<{ url: string; state: string }> {
    const { settings, metadata, clock } = this.#parts;
    demandLocalPath(settings.name, options.returnTo);
    demandBinding(settings.name, options.binding);
    const endpoint = await metadata.endpoint('authorization');
    const state = this.#demandState(options.state ?? (await this.newState()));
    const pkce = await this.#proofKey(options.codeVerifier);
    const scope = options.scope ?? binding.variant?.scope ?? settings.scope;
    // Without an issuer no ID token is looked at, and none can be demanded by its nonce.
    const judged = scope.includes('openid') && metadata.issuer !== undefined;
    const nonce = judged ? generateRandomNonce() : undefined;
    if (settings.responseType !== 'code' && !judged) throw this.#withoutOpenid();
    const redirectUri = options.redirectUri ?? settings.redirectUri;
    const maxAge = maxAgeOf(settings.name, settings.authorizationParams, options.params);
    const record: AuthorizationRequestRecord = {
      kind,
      client: settings.name,
      subject: binding.subject,
      scope,
      createdAt: clock.now(),
      ...(metadata.issuer !== undefined && { issuer: metadata.issuer }),
      ...(namesIssuer(metadata) && { namesIssuer: true }),
      ...(redirectUri !== undefined && { redirectUri }),
      ...(pkce && { codeVerifier: pkce.verifier }),
      ...(nonce !== undefined && { nonce }),
      ...(maxAge !== undefined && { maxAge }),
      ...(binding.variant && { variant: binding.variant }),
      ...(options.binding !== undefined && { bindingHash: sha256(options.binding) }),
      ...(options.returnTo !== undefined && { returnTo: options.returnTo }),
    };
    const parts: Omit<AuthorizationRequestParts, 'params'> = {
      endpoint,
      clientId: settings.clientId,
      responseType: settings.grant === 'implicit' ? 'token' : settings.responseType,
      state,
      scope: scope.join(settings.scopeSeparator),
      ...(redirectUri !== undefined && { redirectUri }),
      ...(nonce !== undefined && { nonce }),
      ...(pkce && { pkce }),
    };
    const { authorizationParams } = settings;
    const own = ownParams(parts);
    demandFurther(settings.name, 'authorizationParams', authorizationParams, own);
    demandFurther(settings.name, 'params', options.params, own);
    if (!(await this.#requests.save(sha256(state), record, PENDING_MS))) {
      throw this.#badState('was used before');
    }
    // A fragment does not reach the server; a posted form does.
    const mode = settings.responseType === 'code' ? undefined : { response_mode: 'form_post' };
    const params = [mode, authorizationParams, targets(binding.variant), options.params];
    return { url: authorizationRequestUrl({ ...parts, params }), state };
  }

  /** A new state, by the client's own `state` function or at random. */
  async newState(): Promise<string> {
    try {
      return this.#demandState(await this.#parts.settings.newState());
    } catch (error) {
      throw error instanceof ConfigurationError
        ? error
        : this.#badState('could not be made', error);
    }
  }

  /** Judges a callback: see {@link AuthorizationCallback.judge}. */
  judge(
    session: GrantBinding,
    authorizationResponse: string,
    browser: string | undefined,
    subjectFromRecord: boolean,
    kind: FlowKind = 'authorization',
  ): Promise<JudgedCallback> {
    return this.#callback.judge(session, authorizationResponse, browser, {
      subjectFromRecord,
      kind,
    });
  }

  /**
   * Takes the request that a state belongs to, where the application has read the callback itself.
   * What is taken is spent, whatever comes of it; the server's keys are at hand then, if needed.
   */
  async take(
    session: GrantBinding,
    state: string,
    browser: string | undefined,
  ): Promise<AuthorizationRequestRecord> {
    const record = await this.#callback.take(session, state, browser);
    await this.#callback.demandKeys(record);
    return record;
  }

  async #proofKey(verifier: string | undefined): Promise<Pkce | undefined> {
    const { name, grant, pkce } = this.#parts.settings;
    // Without a code there is nothing to prove: RFC 7636 is about codes alone.
    const method = grant === 'implicit' ? false : pkce;
    if (method === false) demandNoVerifier(name, verifier);
    demandVerifier(name, verifier);
    return createPkce(method, verifier);
  }

  /** Core 1.0, section 3.3.2.11: nothing but a nonce ties an ID token of the browser's to the flow. */
  #withoutOpenid(): ConfigurationError {
    return new ConfigurationError({
      client: this.#parts.settings.name,
      problem: "The response type 'code id_token' needs the scope openid.",
      remedy: 'Add openid to the scope of this call or session.',
    });
  }

  #demandState(state: unknown): string {
    if (typeof state !== 'string') throw this.#badState('is no text');
    if (state === '') throw this.#badState('is empty');
    return state;
  }

  #badState(what: string, cause?: unknown): ConfigurationError {
    return new ConfigurationError({
      client: this.#parts.settings.name,
      problem: `The state ${what}.`,
      remedy: 'Make a new random state for each flow, or leave the state option out.',
      cause,
    });
  }
}
