import type { AxiosInstance } from 'axios';
import type { Observable } from 'rxjs';
import type { ComplianceHook, ComplianceHookType } from '../compliance/compliance.hooks.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { MissingCodeError } from '../errors/authorization.errors.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { GrantBinding, type VariantRequest } from '../pipeline/grant-binding.js';
import { subjectMissing } from '../pipeline/request-options.js';
import type { TokenEvent } from '../pipeline/token-events.js';
import type { TokenRecord, TokenResponse } from '../protocol/token-record.js';
import { TokenSet } from '../protocol/token-set.js';
import type { AuthorizationUrlOptions } from './authorization-flow.js';
import type { ClientRuntime } from './client-runtime.js';
import { boundInstance } from './session-axios.js';
import { SessionHttpService, type RequestOutlet } from './session-http.service.js';
import type {
  CompleteAuthorizationOptions,
  CompletedAuthorization,
  FetchTokenOptions,
  RevokeTokenOptions,
} from './session.options.js';
import { tokenStream } from './token-stream.js';

/** Where a session finds its client, which may be registered after the session was injected. */
export interface ClientHandle {
  readonly name: string;
  readonly runtime: ClientRuntime;
  close(): Promise<void>;
}

const instances = new WeakMap<OAuthSession, AxiosInstance>();

/**
 * A named session for calls to somebody else's API: an `HttpService` whose requests carry a valid
 * token, fetched and renewed by itself. Inject it with `@OAuthClient(name)`.
 *
 * Verbs are cold Observables; unsubscribing cancels the call and never a renewal. They fail with an
 * `OAuthClientError` when there is no token to be had, and as axios does otherwise.
 *
 * @example
 * ```ts
 * const { data } = await firstValueFrom(github.for(userId).get('/user/repos'));
 * ```
 */
export class OAuthSession extends SessionHttpService {
  readonly #handle: ClientHandle;
  readonly #binding: GrantBinding;

  /** @internal Sessions are made by the module and by `for()` and `with()`. */
  constructor(handle: ClientHandle, binding: GrantBinding) {
    super();
    this.#handle = handle;
    this.#binding = binding;
  }

  /** The client, as it is registered, such as `github`. */
  get clientName(): string {
    return this.#handle.name;
  }

  /** The client identifier at the authorization server. */
  get clientId(): string {
    return this.#settings.clientId;
  }

  /** Whose token the session uses; `''` is the client itself. */
  get subject(): string {
    return this.#binding.subject;
  }

  /** The scope that the session asks for. */
  get scope(): readonly string[] {
    return this.#binding.variant?.scope ?? this.#settings.scope;
  }

  /**
   * The session of one user. Cheap: make one for each call.
   *
   * @param subject - Who it is, by the application's own identifier; not empty.
   * @throws ConfigurationError for anything else, and on a client that acts for itself.
   */
  for(subject: string): OAuthSession {
    const client = this.clientName;
    if (typeof subject !== 'string' || subject === '') {
      const what =
        subject === '' ? 'an empty text' : `${subject === null ? 'null' : typeof subject}`;
      throw new ConfigurationError({
        client,
        problem: `for() was given ${what} as the subject.`,
        remedy: 'Pass the identifier of the user; look why it is missing.',
      });
    }
    if (!this.#settings.actsForUsers) {
      throw new ConfigurationError({
        client,
        subject,
        problem: `The grant ${this.#settings.grant} acts for the client itself.`,
        remedy: 'Call the API without for().',
      });
    }
    return new OAuthSession(this.#handle, new GrantBinding(client, subject, this.#binding.variant));
  }

  /**
   * The same session with a token of its own: for another scope, resource or audience, under the
   * same grant. RFC 6749, section 6; RFC 8707.
   */
  with(overrides: VariantRequest): OAuthSession {
    const { subject, variant } = this.#binding;
    const merged = { ...variant, ...overrides };
    return new OAuthSession(this.#handle, new GrantBinding(this.clientName, subject, merged));
  }

  /** A new state, by the client's own `state` function or at random. */
  async newState(): Promise<string> {
    return this.#settings.newState();
  }

  /**
   * The URL to send the user to, to connect their account. RFC 6749, section 4.1.1.
   *
   * @throws ConfigurationError when the client has no user, the state was used before, or
   * `returnTo` leaves the application.
   */
  async authorizationUrl(
    options: AuthorizationUrlOptions = {},
  ): Promise<{ url: string; state: string }> {
    this.#demandUserGrant('authorizationUrl');
    return this.#runtime.flow.begin(this.#binding, options);
  }

  /**
   * Completes what `authorizationUrl()` began: judges the callback, exchanges the code and stores
   * the token. On the client's own session the subject is the one that the flow was begun for.
   *
   * @throws MismatchingStateError for a callback of another browser, client or subject, one that
   * was used before, or one that is too old; AuthorizationResponseError when the server or the user
   * refused; MissingCodeError; TokenEndpointError.
   */
  async completeAuthorization(
    options: CompleteAuthorizationOptions,
  ): Promise<CompletedAuthorization> {
    this.#demandUserGrant('completeAuthorization');
    const { authorizationResponse, binding, params, headers } = options;
    const { flow, settings } = this.#runtime;
    const anySubject = this.subject === '' && !settings.shared;
    const { record, code } = await flow.judge(
      this.#binding,
      authorizationResponse,
      binding,
      anySubject,
    );
    const token = await flow.exchange(record.subject, { ...record, code, params, headers });
    const session = new OAuthSession(
      this.#handle,
      new GrantBinding(this.clientName, record.subject),
    );
    return {
      session,
      token,
      subject: record.subject,
      ...(record.returnTo !== undefined && { returnTo: record.returnTo }),
    };
  }

  /**
   * Gets a token now: from an authorization response or a code, or, for a machine grant, anew. With
   * options of its own it waits for a renewal in flight and then makes its own request.
   */
  async fetchToken(options: FetchTokenOptions = {}): Promise<TokenSet> {
    const { source, flow, settings } = this.#runtime;
    this.#demandSubject();
    if (!settings.actsForUsers) return source.renewed(this.#binding);
    const { authorizationResponse, code, codeVerifier, redirectUri, params, headers } = options;
    await source.settled(this.#binding);
    if (authorizationResponse !== undefined) {
      const { token } = await this.completeAuthorization({ ...options, authorizationResponse });
      return token;
    }
    if (code === undefined) throw new MissingCodeError({ client: this.clientName });
    const scope = this.scope;
    return flow.exchange(this.subject, {
      code,
      scope,
      codeVerifier,
      params,
      headers,
      redirectUri: redirectUri ?? settings.redirectUri,
    });
  }

  /**
   * Replaces the token, valid or not; joins a renewal in flight. RFC 6749, section 6.
   *
   * @throws AuthorizationRequiredError when only the user can help; TokenEndpointError.
   */
  async refreshToken(): Promise<TokenSet> {
    this.#demandSubject();
    return this.#runtime.source.renewed(this.#binding);
  }

  /**
   * Revokes the stored tokens (or one that is given) at the server and forgets them here, whatever
   * the server says; a failure there is thrown afterwards. RFC 7009.
   */
  async revokeToken(options: RevokeTokenOptions = {}): Promise<void> {
    this.#demandSubject();
    const { source, parts } = this.#runtime;
    const { revocation } = parts;
    if (options.token !== undefined) {
      return revocation.revoke(this.#binding, options.token, options.hint ?? 'access_token');
    }
    const token = await source.stored(this.#binding);
    await this.clearToken();
    if (!token) return;
    if (token.refreshToken !== undefined) {
      await revocation.revoke(this.#binding, token.refreshToken, 'refresh_token');
    }
    await revocation.revoke(this.#binding, token.accessToken, 'access_token');
  }

  /** The token as it is stored, expired or not; `undefined` when there is none. No renewal. */
  async token(): Promise<TokenSet | undefined> {
    this.#demandSubject();
    return this.#runtime.source.stored(this.#binding);
  }

  /** Stores a token that was obtained elsewhere. It wins over a renewal in flight. */
  async setToken(token: TokenSet | TokenResponse | TokenRecord): Promise<TokenSet> {
    this.#demandSubject();
    const { source, parts } = this.#runtime;
    const now = parts.clock.now() / 1000;
    const set =
      token instanceof TokenSet ? token : TokenSet.from(token, { now, scope: this.scope });
    await source.set(this.#binding, set);
    this.#emit('stored', set);
    return set;
  }

  /** Forgets the token here; it is not revoked. It wins over a renewal in flight. */
  async clearToken(): Promise<void> {
    this.#demandSubject();
    if (await this.#runtime.source.clear(this.#binding)) this.#emit('cleared');
  }

  /**
   * A valid access token as text, renewed if needed: for gRPC, WebSocket, SMTP. A secret.
   *
   * @throws AuthorizationRequiredError when only the user can help; TokenEndpointError.
   */
  async accessToken(): Promise<string> {
    this.#demandSubject();
    return (await this.#runtime.source.token(this.#binding)).accessToken;
  }

  /** Whether a call now would carry a token without the user's help. */
  async authorized(): Promise<boolean> {
    this.#demandSubject();
    const { settings, source, parts } = this.#runtime;
    if (!settings.actsForUsers) return true;
    const token = await source.stored(this.#binding);
    if (token && !token.isExpiredAt(parts.clock.now() / 1000)) return true;
    const grant = new GrantBinding(this.clientName, this.subject);
    return (await source.stored(grant))?.refreshToken !== undefined;
  }

  /** The token now, then each change, whoever made it. */
  get token$(): Observable<TokenSet | undefined> {
    this.#demandSubject();
    const { source, parts } = this.#runtime;
    return tokenStream(this.#binding, source, parts.feed);
  }

  /** What happens to the client's tokens, or to this subject's; never carries a secret. */
  get events$(): Observable<TokenEvent> {
    const { events } = this.#runtime.parts;
    return events.of(this.clientName, this.subject === '' ? undefined : this.subject);
  }

  /**
   * The axios instance behind the session, for SDKs that take one: bound to the subject, its
   * interceptors and defaults shared by all subjects of the client.
   */
  override get axiosRef(): AxiosInstance {
    this.#demandSubject();
    const { instance } = this.#runtime;
    if (this.#isClients) return instance;
    const existing = instances.get(this);
    if (existing) return existing;
    const made = boundInstance(instance, this.#binding);
    instances.set(this, made);
    return made;
  }

  /** Registers a compliance hook for all sessions of this client; returns its removal. */
  registerComplianceHook<T extends ComplianceHookType>(
    type: T,
    hook: ComplianceHook<T>,
  ): () => void {
    return this.#runtime.parts.hooks.register(type, hook);
  }

  /** Ends the client: waits for its renewals. On the session of a subject it does nothing. */
  async close(): Promise<void> {
    if (this.subject === '' && this.#binding.variant === undefined) await this.#handle.close();
  }

  /** @internal How requests of this session are made: see {@link SessionHttpService}. */
  protected override outlet(): RequestOutlet {
    const { instance } = this.#runtime;
    return { instance, binding: this.#isClients ? undefined : this.#binding };
  }

  /** What JSON shows: which session it is. */
  toJSON(): { client: string; subject: string } {
    return { client: this.clientName, subject: this.subject };
  }

  /** What `console.log` and `util.inspect` show: which session it is. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `OAuthSession ${JSON.stringify(this)}`;
  }

  get #runtime(): ClientRuntime {
    return this.#handle.runtime;
  }

  get #settings(): ClientSettings {
    return this.#handle.runtime.settings;
  }

  /** Whether this is the client's own session, which needs no binding on its requests. */
  get #isClients(): boolean {
    return this.#binding.subject === '' && this.#binding.variant === undefined;
  }

  #demandSubject(): void {
    const { actsForUsers, shared, name } = this.#settings;
    if (actsForUsers && !shared && this.subject === '') throw subjectMissing(name);
  }

  #demandUserGrant(method: string): void {
    const { actsForUsers, grant, name } = this.#settings;
    if (actsForUsers) return;
    throw new ConfigurationError({
      client: name,
      problem: `${method}() needs a user, and the grant is ${grant}.`,
      remedy: "Set grant: 'authorization_code', or call the API right away.",
    });
  }

  #emit(type: 'stored' | 'cleared', token?: TokenSet): void {
    const { events, clock } = this.#runtime.parts;
    events.emit(this.#binding.key, {
      type,
      at: clock.now(),
      ...(token && { fingerprint: token.fingerprint }),
      ...(token?.expiresAt !== undefined && { expiresAt: token.expiresAt }),
    });
  }
}
