import { generateRandomNonce } from 'oauth4webapi';
import { defer, firstValueFrom } from 'rxjs';
import {
  AuthorizationResponseError,
  MismatchingStateError,
  MissingCodeError,
} from '../errors/authorization.errors.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import { ExchangeFailure } from '../pipeline/exchange-failure.js';
import { retryExchange } from '../pipeline/exchange-retry.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import { authorizationCodeRequest } from '../pipeline/grant-request.js';
import type { TokenSource } from '../pipeline/token-source.js';
import { authorizationRequestUrl, createPkce } from '../protocol/authorization-request.js';
import {
  parseAuthorizationResponse,
  type AuthorizationResponse,
} from '../protocol/authorization-response.js';
import type { Params } from '../protocol/params.js';
import { TokenSet } from '../protocol/token-set.js';
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
  /** Another redirect URI than the client's. */
  redirectUri?: string;
  /** Further parameters of this request. */
  params?: Params;
}

/** What an exchange of a code is made from. */
export interface CodeExchange {
  readonly code: string;
  readonly redirectUri?: string | undefined;
  readonly codeVerifier?: string | undefined;
  readonly nonce?: string | undefined;
  readonly scope: readonly string[];
  readonly params?: Params | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The authorization code grant of one client: the way out and the way back. RFC 6749, 4.1. */
export class AuthorizationFlow {
  readonly #parts: ClientParts;
  readonly #source: TokenSource;
  readonly #requests: AuthorizationRequestStore;

  constructor(parts: ClientParts, source: TokenSource, requests: AuthorizationRequestStore) {
    this.#parts = parts;
    this.#source = source;
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
    const pkce = await createPkce(settings.pkce);
    const scope = binding.variant?.scope ?? settings.scope;
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
  ): Promise<{ record: AuthorizationRequestRecord; code: string }> {
    const { settings, metadata } = this.#parts;
    const client = settings.name;
    const response = parseAuthorizationResponse(authorizationResponse);
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
    if (response.code === undefined) throw new MissingCodeError({ client });
    return { record: request, code: response.code };
  }

  /** Exchanges a code and stores what it brings. It wins over a renewal in flight. */
  async exchange(subject: string, exchange: CodeExchange): Promise<TokenSet> {
    const { settings, work, endpoint, clock, events, handlers } = this.#parts;
    const binding = new GrantBinding(settings.name, subject);
    const attempts = { count: 0, unsure: false };
    return work.run(`code exchange of ${settings.name}`, async () => {
      const startedAt = performance.now();
      const grant = authorizationCodeRequest(settings, {
        redirectUri: settings.redirectUri,
        codeVerifier: undefined,
        nonce: undefined,
        ...exchange,
      });
      const answer = await firstValueFrom(
        defer(() => {
          attempts.count += 1;
          return endpoint.request(grant, binding);
        }).pipe(
          retryExchange(attempts, {
            repeatable: grant.repeatable,
            patienceMs: settings.refresh.timeoutMs,
          }),
        ),
      ).catch((error: unknown) => {
        throw error instanceof ExchangeFailure ? error.error : error;
      });
      const { response, claims } = answer;
      const token = TokenSet.from(response, {
        now: clock.now() / 1000,
        scope: exchange.scope,
        ...(claims && { claims }),
      });
      const previous = await this.#source.stored(binding);
      await this.#source.set(binding, token);
      events.emit(binding.key, {
        type: 'fetched',
        at: clock.now(),
        durationMs: Math.round(performance.now() - startedAt),
        attempts: attempts.count,
        fingerprint: token.fingerprint,
        ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
      });
      await handlers.tell(token, { client: settings.name, subject, previous });
      return token;
    });
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
