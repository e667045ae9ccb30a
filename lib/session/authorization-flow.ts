import { generateRandomNonce } from 'oauth4webapi';
import { defer, firstValueFrom } from 'rxjs';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { TokenStoreError } from '../errors/store.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import { ExchangeFailure } from '../pipeline/exchange-failure.js';
import { retryExchange } from '../pipeline/exchange-retry.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import { authorizationCodeRequest } from '../pipeline/grant-request.js';
import type { TokenSource } from '../pipeline/token-source.js';
import { authorizationRequestUrl, createPkce } from '../protocol/authorization-request.js';
import type { Params } from '../protocol/params.js';
import { TokenSet } from '../protocol/token-set.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import {
  AuthorizationCallback,
  PENDING_MS,
  type JudgedCallback,
} from './authorization-callback.js';
import { sha256 } from './hashes.js';

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
  readonly #callback: AuthorizationCallback;

  constructor(parts: ClientParts, source: TokenSource, requests: AuthorizationRequestStore) {
    this.#parts = parts;
    this.#source = source;
    this.#requests = requests;
    this.#callback = new AuthorizationCallback(parts, requests);
  }

  /** The URL to send the user to; what the callback needs is kept under a hash of the state. */
  async begin(
    binding: GrantBinding,
    options: AuthorizationUrlOptions,
  ): Promise<{ url: string; state: string }> {
    const { settings, metadata, clock } = this.#parts;
    this.#demandLocal(options.returnTo);
    this.#demandText(options.binding);
    const endpoint = await metadata.endpoint('authorization');
    const state = options.state ?? (await settings.newState());
    const pkce = await createPkce(settings.pkce);
    const scope = binding.variant?.scope ?? settings.scope;
    // Without an issuer no ID token is looked at, and none can be demanded by its nonce.
    const judged = scope.includes('openid') && metadata.issuer !== undefined;
    const nonce = judged ? generateRandomNonce() : undefined;
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

  /** Judges a callback: see {@link AuthorizationCallback.judge}. */
  judge(
    session: GrantBinding,
    authorizationResponse: string,
    browser: string | undefined,
    subjectFromRecord: boolean,
  ): Promise<JudgedCallback> {
    return this.#callback.judge(session, authorizationResponse, browser, subjectFromRecord);
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
      const previous = await this.#previous(binding);
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

  /** The token to be replaced. One that cannot be read must not cost the user the new one. */
  async #previous(binding: GrantBinding): Promise<TokenSet | undefined> {
    try {
      return await this.#source.stored(binding);
    } catch (error) {
      if (error instanceof TokenStoreError) return undefined;
      throw error;
    }
  }

  #demandLocal(returnTo: unknown): void {
    if (returnTo === undefined) return;
    if (typeof returnTo === 'string' && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(returnTo)) return;
    throw new ConfigurationError({
      client: this.#parts.settings.name,
      problem: 'returnTo is not a path of this application.',
      remedy: "Pass a path that begins with one slash, such as '/settings'.",
    });
  }

  /** A binding that is empty ties the flow to nobody. */
  #demandText(binding: unknown): void {
    if (binding === undefined || (typeof binding === 'string' && binding !== '')) return;
    throw new ConfigurationError({
      client: this.#parts.settings.name,
      problem: 'The binding is empty, or no text.',
      remedy: 'Pass what ties the flow to this browser, such as its session id.',
    });
  }

  #badState(what: string): ConfigurationError {
    return new ConfigurationError({
      client: this.#parts.settings.name,
      problem: `The state ${what}.`,
      remedy: 'Make a new random state for each flow, or leave the state option out.',
    });
  }
}
