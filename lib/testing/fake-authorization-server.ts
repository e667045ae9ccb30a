import { ACTS, type FakeProviderName } from './acts/index.js';
import type { ProviderAct } from './fake-authorization-server.act.js';
import { FakeServerAddresses } from './fake-authorization-server.addresses.js';
import { browse, type FakeAuthorizeOptions } from './fake-authorization-server.authorize.js';
import type { FakeServerClock } from './fake-authorization-server.clock.js';
import { newContext, type FakeServerContext } from './fake-authorization-server.context.js';
import { decideDevice } from './fake-authorization-server.device.js';
import { scopeList } from './fake-authorization-server.http.js';
import type { FakeEndpoint, FakeRequest } from './fake-authorization-server.http.js';
import { FakeJournal } from './fake-authorization-server.journal.js';
import type { FakeIssueOptions, FakeTokenResponse } from './fake-authorization-server.issued.js';
import { listen, type Listener } from './fake-authorization-server.listener.js';
import { changePolicy, DEFAULT_FAKE_CLIENT } from './fake-authorization-server.options.js';
import type {
  FakeAuthorizationServerOptions,
  FakeClient,
  FakeServerPolicy,
} from './fake-authorization-server.options.js';
import { Responder } from './fake-authorization-server.responder.js';
import { ScriptBook } from './fake-authorization-server.script-book.js';
import type { FakeScript } from './fake-authorization-server.script.js';
import { issue } from './fake-authorization-server.token-endpoint.js';
import type { FakeTokenFilter } from './fake-authorization-server.tokens.js';

const EVERY = (): boolean => true;

/**
 * A real HTTP server on 127.0.0.1 that plays an authorization server and a protected API, behaves by
 * the book unless told otherwise, and writes down everything that happens. For tests only.
 *
 * It knows every grant (code with PKCE, refresh with rotation, client credentials, password, device
 * code, JWT bearer, token exchange, implicit, and `extensionGrants` of the test's own), OpenID Connect
 * (discovery, keys, ID tokens, userinfo, logout), introspection and revocation. With {@link
 * FakeAuthorizationServer.actLike} it answers in the forms of a provider.
 *
 * @example
 * ```ts
 * const server = await FakeAuthorizationServer.start({ accessTokenSeconds: 60, clock });
 * const client = {
 *   issuer: server.issuer, clientId: 'client', clientSecret: 'secret',
 *   redirectUri: 'https://app.example/callback', baseURL: server.apiUrl, allowInsecureHttp: true,
 * };
 * const callback = await server.authorize(authorizationUrl);     // the user consents
 * server.next('token').respond(503);                             // misbehave, once
 * server.approveDevice(userCode);                                // the user of a device says yes
 * server.revokeFamily('alice');                                  // a grant dies
 * server.clock.advance(61);                                      // access tokens end
 * expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
 * await server.stop();
 * ```
 */
export class FakeAuthorizationServer extends FakeServerAddresses {
  readonly #listeners: readonly Listener[];
  readonly #scripts: ScriptBook;
  readonly #responder: Responder;
  #stopping?: Promise<void>;

  /** All requests so far. */
  readonly journal: FakeJournal;

  private constructor(
    context: FakeServerContext,
    listeners: readonly Listener[],
    parts: { journal: FakeJournal; scripts: ScriptBook; responder: Responder },
  ) {
    super(context);
    this.#listeners = listeners;
    this.#scripts = parts.scripts;
    this.#responder = parts.responder;
    this.journal = parts.journal;
  }

  /** Starts a server on a free port. */
  static async start(
    options: FakeAuthorizationServerOptions = {},
  ): Promise<FakeAuthorizationServer> {
    let responder: Responder | undefined;
    const accept: Parameters<typeof listen>[2] = (...call) => responder?.accept(...call);
    const main = await listen(options.port ?? 0, options.tls, accept);
    const api = options.separateApi ? await listen(0, options.tls, accept) : main;
    const issuer = `${main.origin}${options.issuerPath ?? ''}`;
    const context = newContext(options, { origin: main.origin, issuer, apiOrigin: api.origin });
    const parts = { journal: new FakeJournal(), scripts: new ScriptBook() };
    responder = new Responder(context, parts.journal, parts.scripts);
    return new FakeAuthorizationServer(context, [...new Set([main, api])], { ...parts, responder });
  }

  /** Closes all connections at once, also those of requests that hang. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      this.#responder.stop();
      this.journal.close();
      await Promise.all(this.#listeners.map((listener) => listener.close()));
      await this.#responder.idle();
    })();
    return this.#stopping;
  }

  /** Resolves when no request is being served: the journal's entries are then complete. */
  idle(): Promise<void> {
    return this.#responder.idle();
  }

  /** The server's time; `advance()` lets tokens expire. */
  get clock(): FakeServerClock {
    return this.context.clock;
  }

  /** Who is at the browser when nobody is named. */
  get user(): string {
    return this.context.user;
  }
  set user(subject: string) {
    this.context.user = subject;
  }

  /** Changes the policy from now on: `server.configure({ rotation: 'reuse' })`. */
  configure(changes: Partial<FakeServerPolicy>): void {
    changePolicy(this.context.policy, changes);
  }

  /**
   * From now on the server answers in the forms that a provider documents: its own success, its own
   * errors, its habits with refresh tokens. The act of one's own provider may be given, too.
   */
  actLike(provider: FakeProviderName | ProviderAct): void {
    const act = typeof provider === 'string' ? ACTS[provider] : provider;
    this.context.act = act;
    this.configure(act.policy ?? {});
    for (const client of this.context.clients.values()) {
      if (act.authentication) this.register({ ...client, authentication: act.authentication });
    }
  }

  /** Adds a client, or replaces the one with the same id: a changed secret. */
  register(client: FakeClient): void {
    this.context.clients.set(client.clientId, client);
  }

  /**
   * Plays the user's browser at the authorization endpoint; resolves with the callback URL. Rejects
   * where a browser would show an error on the server's own page: client or redirect URI not known.
   */
  async authorize(url: string | URL, options: FakeAuthorizeOptions = {}): Promise<string> {
    return browse(new URL(url), options, this.journal, this.context);
  }

  /** Makes tokens without any request: for tests that begin with a token. */
  issueTokens(options: FakeIssueOptions = {}): FakeTokenResponse {
    const { subject = this.user, refreshToken: refresh = true } = options;
    const [first = DEFAULT_FAKE_CLIENT] = this.context.clients.values();
    const scope = scopeList(options.scope);
    const client = options.clientId ?? first.clientId;
    const family = this.context.tokens.openFamily({ client, subject, scope, resource: [] });
    return issue({ family, scope, refresh }, {}, this.context) as unknown as FakeTokenResponse;
  }

  /** Whether an access token or a refresh token would be accepted now. */
  isLive(token: string): boolean {
    const { tokens } = this.context;
    const access = tokens.access(token);
    if (access) return tokens.isLiveAccess(access);
    const refresh = tokens.refresh(token);
    return refresh !== undefined && tokens.isLiveRefresh(refresh);
  }

  /** Live access tokens expire now; how many they were. */
  expireAccessTokens(filter: FakeTokenFilter = {}): number {
    return this.context.tokens.expireAccess(filter);
  }

  /** Live access tokens are revoked, refresh tokens stay; how many they were. */
  revokeAccessTokens(filter: FakeTokenFilter = {}): number {
    return this.context.tokens.revokeAccess(filter);
  }

  /** Revokes a grant and all its tokens, or all grants of a subject; how many they were. */
  revokeFamily(refreshTokenOrSubject: string): number {
    return this.context.tokens.revokeFamilies(refreshTokenOrSubject);
  }

  /** The user of a device says yes (RFC 8628). */
  approveDevice(userCode: string, subject = this.user): void {
    decideDevice(userCode, { subject }, this.context);
  }

  /** The user of a device says no. */
  denyDevice(userCode: string): void {
    decideDevice(userCode, 'denied', this.context);
  }

  /** Signs any claims with the ID token key: for ID tokens that must be refused. */
  signIdToken(claims: Record<string, unknown>, header: Record<string, unknown> = {}): string {
    return this.context.signer.sign(claims, header);
  }

  /** From now on ID tokens are signed with another key; the JWKS no longer has the old one. */
  rotateSigningKey(): void {
    this.context.signer.rotate();
  }

  /** Scripts the next request at an endpoint (of those that `when` accepts), first in first out. */
  next(endpoint: FakeEndpoint, when: (request: FakeRequest) => boolean = EVERY): FakeScript {
    return this.#scripts.next(endpoint, when);
  }

  /** Scripts every request that finds the queue empty, until {@link reset}. */
  always(endpoint: FakeEndpoint, when: (request: FakeRequest) => boolean = EVERY): FakeScript {
    return this.#scripts.always(endpoint, when);
  }

  /** Back to normal behaviour, at one endpoint or everywhere; requests being held go on. */
  reset(endpoint?: FakeEndpoint): void {
    this.#scripts.reset(endpoint);
  }

  /** The next request at an endpoint, as soon as it has arrived; rejects if the server stops first. */
  nextRequest(
    endpoint: FakeEndpoint,
    when: (request: FakeRequest) => boolean = EVERY,
  ): Promise<FakeRequest> {
    return this.journal.next(endpoint, when);
  }

  /** What JSON shows: the issuer, and how many requests there were. */
  toJSON(): unknown {
    return { issuer: this.issuer, requests: this.journal.count() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `FakeAuthorizationServer { ${this.issuer}, ${this.journal.count()} requests }`;
  }
}
