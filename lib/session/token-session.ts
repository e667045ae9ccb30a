import type { Observable } from 'rxjs';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { IntrospectionResponse } from '../pipeline/introspection-endpoint.js';
import { subjectMissing } from '../pipeline/request-options.js';
import { refusesScope } from '../pipeline/scope-judge.js';
import { tokenFigures, type TokenEvent } from '../pipeline/token-events.js';
import type { TokenRecord, TokenResponse } from '../protocol/token-record.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientRuntime } from './client-runtime.js';
import { givenToken } from './given-token.js';
import { SessionHttpService, type RequestOutlet } from './session-http.service.js';
import type {
  IntrospectTokenOptions,
  RefreshTokenOptions,
  RevokeTokenOptions,
} from './session.options.js';
import { demandRequestOptions, demandTokenOptions } from './token-request.checks.js';
import { tokenStream } from './token-stream.js';

/** Where a session finds its client, which may be registered after the session was injected. */
export interface ClientHandle {
  readonly name: string;
  readonly runtime: ClientRuntime;
  close(): Promise<void>;
}

/** The token half of a session: the token that is stored, its renewal, its end. */
export abstract class TokenSession extends SessionHttpService {
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
    return this.settings.clientId;
  }

  /** Whose token the session uses; `''` is the client itself. */
  get subject(): string {
    return this.#binding.subject;
  }

  /** The scope that the session asks for. */
  get scope(): readonly string[] {
    return this.#binding.variant?.scope ?? this.settings.scope;
  }

  /**
   * Replaces the token, valid or not; joins a renewal in flight. With options of its own it waits
   * for that one, and then makes its own request. RFC 6749, section 6.
   *
   * @throws AuthorizationRequiredError when only the user can help; TokenEndpointError.
   */
  async refreshToken(options: RefreshTokenOptions = {}): Promise<TokenSet> {
    this.demandSubject();
    demandRequestOptions(this.settings, 'refreshToken', options);
    const plain = Object.keys(options).length === 0;
    return this.runtime.source.renewed(this.#binding, plain ? {} : { options });
  }

  /**
   * What the server says of the stored access token (with the hint `refresh_token`: of the stored
   * refresh token), or of a token that is given. No renewal. RFC 7662.
   *
   * @throws MissingTokenError when no such token is stored; TokenEndpointError.
   */
  async introspectToken({
    token,
    hint,
    ...more
  }: IntrospectTokenOptions = {}): Promise<IntrospectionResponse> {
    this.demandSubject();
    demandTokenOptions(this.clientName, { token, hint }, more);
    const { source, parts } = this.runtime;
    parts.refreshExtensions();
    if (token !== undefined) return parts.introspection.introspect(this.#binding, token, hint);
    const isRefresh = hint === 'refresh_token';
    const stored = await source.stored(isRefresh ? this.grant : this.#binding);
    const asked = isRefresh ? stored?.refreshToken : stored?.accessToken;
    return parts.introspection.introspect(this.#binding, asked, hint);
  }

  /**
   * Revokes the stored tokens at the server and forgets them here, each whatever comes of the other;
   * a failure is thrown afterwards. With the hint `access_token`, the server is told of that one
   * alone, and all is forgotten the same; with `refresh_token`, of that one, which ends the grant,
   * if there is one. A token that is given is revoked, and what is stored is kept. RFC 7009.
   */
  async revokeToken({ token, hint, ...more }: RevokeTokenOptions = {}): Promise<void> {
    this.demandSubject();
    demandTokenOptions(this.clientName, { token, hint }, more);
    const { source, parts } = this.runtime;
    parts.refreshExtensions();
    if (token !== undefined) return parts.revocation.revoke(this.#binding, token, hint);
    const binding = hint === 'refresh_token' ? this.grant : this.#binding;
    const stored = await source.stored(binding);
    if (hint === 'refresh_token' && stored?.refreshToken === undefined) return;
    const forgotten = TokenSession.#forget(this.runtime, binding, stored);
    // A store that fails is no reason to leave the tokens alive at the server.
    await Promise.allSettled([forgotten]);
    if (stored) await parts.revocation.revokeStored(binding, stored, hint);
    await forgotten;
  }

  /** The token as it is stored, expired or not; `undefined` when there is none. No renewal. */
  async token(): Promise<TokenSet | undefined> {
    this.demandSubject();
    return this.runtime.source.stored(this.#binding);
  }

  /**
   * Stores a token that was obtained elsewhere. It wins over a renewal in flight.
   *
   * @throws MissingTokenError; UnsupportedTokenTypeError for anything but a Bearer token;
   * ConfigurationError for a refresh token on a session made by `with()`.
   */
  async setToken(token: TokenSet | TokenResponse | TokenRecord): Promise<TokenSet> {
    this.demandSubject();
    const { source, parts, settings } = this.runtime;
    const about = { now: parts.clock.now() / 1000, scope: this.scope };
    const set = givenToken(token, this.#binding, settings, about);
    await source.set(this.#binding, set);
    TokenSession.#emit(this.runtime, this.#binding, 'stored', set);
    return set;
  }

  /** Forgets the token here; it is not revoked. It wins over a renewal in flight. */
  async clearToken(): Promise<void> {
    this.demandSubject();
    await TokenSession.#forget(this.runtime, this.#binding);
  }

  /**
   * A valid access token as text, renewed if needed: for gRPC, WebSocket, SMTP. A secret.
   *
   * @throws AuthorizationRequiredError when only the user can help; TokenEndpointError;
   * ScopeMismatchError.
   */
  async accessToken(): Promise<string> {
    this.demandSubject();
    return (await this.runtime.source.token(this.#binding)).accessToken;
  }

  /** Whether a call now would carry a token, of a scope that will do, without the user's help. */
  async authorized(): Promise<boolean> {
    this.demandSubject();
    const { settings, source, parts } = this.runtime;
    if (!settings.actsForUsers) return true;
    const token = await source.stored(this.#binding);
    if (token && refusesScope(settings, token)) return false;
    if (token && !token.isExpiredAt(parts.clock.now() / 1000)) return true;
    return (await source.stored(this.grant))?.refreshToken !== undefined;
  }

  /** The token now, then each change, whoever made it; what an observer throws is logged. */
  get token$(): Observable<TokenSet | undefined> {
    this.demandSubject();
    const { source, parts } = this.runtime;
    return parts.events.watched('token$', tokenStream(this.#binding, source, parts.feed));
  }

  /** What happens to the client's tokens, or to this subject's; never carries a secret. */
  get events$(): Observable<TokenEvent> {
    const { events } = this.runtime.parts;
    return events.of(this.clientName, this.subject === '' ? undefined : this.subject);
  }

  /** @internal Where the session finds its client. */
  protected get handle(): ClientHandle {
    return this.#handle;
  }

  /** @internal Whose token it uses. */
  protected get binding(): GrantBinding {
    return this.#binding;
  }

  /** @internal How requests of this session are made: see {@link SessionHttpService}. */
  protected override outlet(): RequestOutlet {
    const { instance } = this.runtime;
    return { instance, binding: this.isClients ? undefined : this.#binding };
  }

  /** What JSON shows: which session it is. */
  toJSON(): { client: string; subject: string } {
    return { client: this.clientName, subject: this.subject };
  }

  /** What `console.log` and `util.inspect` show: which session it is. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `OAuthSession ${JSON.stringify(this)}`;
  }

  /** @internal The client at work. */
  get runtime(): ClientRuntime {
    return this.#handle.runtime;
  }

  /** @internal The client's settings. */
  get settings(): ClientSettings {
    return this.#handle.runtime.settings;
  }

  /** Whether this is the client's own session, which needs no binding on its requests. */
  protected get isClients(): boolean {
    return this.#binding.subject === '' && this.#binding.variant === undefined;
  }

  /** @internal Throws where only a user's token will do and no user was named. */
  protected demandSubject(): void {
    const { actsForUsers, shared, name } = this.settings;
    if (actsForUsers && !shared && this.subject === '') throw subjectMissing(name);
  }

  /** @internal Where the refresh token and the ID token are, of a variant, too. */
  protected get grant(): GrantBinding {
    return new GrantBinding(this.clientName, this.subject);
  }

  // Static: a private method of its own takes room in every session that is kept.
  static async #forget(runtime: ClientRuntime, binding: GrantBinding, had?: TokenSet) {
    const existed = await runtime.source.clear(binding);
    if (existed) TokenSession.#emit(runtime, binding, 'cleared', had);
  }

  static #emit(
    { parts: { events, clock } }: ClientRuntime,
    { key }: GrantBinding,
    type: 'stored' | 'cleared',
    token?: TokenSet,
  ): void {
    events.emit(key, {
      type,
      at: clock.now(),
      ...(token && tokenFigures(token)),
    });
  }
}
