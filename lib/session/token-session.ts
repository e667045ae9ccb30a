import type { Observable } from 'rxjs';
import { MissingTokenError } from '../errors/token.errors.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { IntrospectionResponse } from '../pipeline/introspection-endpoint.js';
import { subjectMissing } from '../pipeline/request-options.js';
import { demandBearer } from '../pipeline/token-type.js';
import type { TokenEvent } from '../pipeline/token-events.js';
import type { TokenRecord, TokenResponse } from '../protocol/token-record.js';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientRuntime } from './client-runtime.js';
import { SessionHttpService, type RequestOutlet } from './session-http.service.js';
import type {
  IntrospectTokenOptions,
  RefreshTokenOptions,
  RevokeTokenOptions,
} from './session.options.js';
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
    const plain = Object.keys(options).length === 0;
    return this.runtime.source.renewed(this.#binding, plain ? {} : { options });
  }

  /**
   * What the server says of the stored access token, or of a token that is given. No renewal. RFC
   * 7662.
   *
   * @throws MissingTokenError when nothing is stored; TokenEndpointError.
   */
  async introspectToken(options: IntrospectTokenOptions = {}): Promise<IntrospectionResponse> {
    this.demandSubject();
    const { source, parts } = this.runtime;
    parts.refreshExtensions();
    const token = options.token ?? (await source.stored(this.#binding))?.accessToken;
    if (token === undefined) {
      throw new MissingTokenError({
        client: this.clientName,
        subject: this.subject,
        problem: 'There is no token to ask about.',
        remedy: 'Connect first, or pass the token.',
      });
    }
    return parts.introspection.introspect(this.#binding, token, options.hint);
  }

  /**
   * Revokes the stored tokens (or one that is given) at the server and forgets them here, whatever
   * the server says; a failure there is thrown afterwards. RFC 7009.
   */
  async revokeToken(options: RevokeTokenOptions = {}): Promise<void> {
    this.demandSubject();
    const { source, parts } = this.runtime;
    const { revocation, refreshExtensions } = parts;
    refreshExtensions();
    if (options.token !== undefined) {
      return revocation.revoke(this.#binding, options.token, options.hint);
    }
    const token = await source.stored(this.#binding);
    await this.clearToken();
    if (!token) return;
    const { refreshToken, accessToken } = token;
    // In this order: at many servers the first ends the grant, and there is nothing left to end.
    const [first] = await Promise.allSettled([
      refreshToken === undefined
        ? undefined
        : revocation.revoke(this.#binding, refreshToken, 'refresh_token'),
    ]);
    await revocation.revoke(this.#binding, accessToken, 'access_token');
    if (first.status === 'rejected') throw first.reason;
  }

  /** The token as it is stored, expired or not; `undefined` when there is none. No renewal. */
  async token(): Promise<TokenSet | undefined> {
    this.demandSubject();
    return this.runtime.source.stored(this.#binding);
  }

  /**
   * Stores a token that was obtained elsewhere. It wins over a renewal in flight.
   *
   * @throws MissingTokenError; UnsupportedTokenTypeError for anything but a Bearer token.
   */
  async setToken(token: TokenSet | TokenResponse | TokenRecord): Promise<TokenSet> {
    this.demandSubject();
    const { source, parts } = this.runtime;
    const now = parts.clock.now() / 1000;
    const given =
      token instanceof TokenSet ? token : TokenSet.from(token, { now, scope: this.scope });
    demandBearer(given, this.#binding, 'Ask the provider for Bearer tokens.');
    // A version of its own: who watches, or renews, must tell it from what was there before.
    const set = TokenSet.from({ ...given.toRecord(), version: crypto.randomUUID() });
    await source.set(this.#binding, set);
    this.#emit('stored', set);
    return set;
  }

  /** Forgets the token here; it is not revoked. It wins over a renewal in flight. */
  async clearToken(): Promise<void> {
    this.demandSubject();
    if (await this.runtime.source.clear(this.#binding)) this.#emit('cleared');
  }

  /**
   * A valid access token as text, renewed if needed: for gRPC, WebSocket, SMTP. A secret.
   *
   * @throws AuthorizationRequiredError when only the user can help; TokenEndpointError.
   */
  async accessToken(): Promise<string> {
    this.demandSubject();
    return (await this.runtime.source.token(this.#binding)).accessToken;
  }

  /** Whether a call now would carry a token without the user's help. */
  async authorized(): Promise<boolean> {
    this.demandSubject();
    const { settings, source, parts } = this.runtime;
    if (!settings.actsForUsers) return true;
    const token = await source.stored(this.#binding);
    if (token && !token.isExpiredAt(parts.clock.now() / 1000)) return true;
    const grant = new GrantBinding(this.clientName, this.subject);
    return (await source.stored(grant))?.refreshToken !== undefined;
  }

  /** The token now, then each change, whoever made it. */
  get token$(): Observable<TokenSet | undefined> {
    this.demandSubject();
    const { source, parts } = this.runtime;
    return tokenStream(this.#binding, source, parts.feed);
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
  protected get runtime(): ClientRuntime {
    return this.#handle.runtime;
  }

  /** @internal The client's settings. */
  protected get settings(): ClientSettings {
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

  #emit(type: 'stored' | 'cleared', token?: TokenSet): void {
    const { events, clock } = this.runtime.parts;
    events.emit(this.#binding.key, {
      type,
      at: clock.now(),
      ...(token && { fingerprint: token.fingerprint }),
      ...(token?.expiresAt !== undefined && { expiresAt: token.expiresAt }),
    });
  }
}
