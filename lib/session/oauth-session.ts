import type { AxiosInstance } from 'axios';
import type { AxiosInstance as RequiredAxiosInstance } from 'axios' with {
  'resolution-mode': 'require',
};
import { defer, type Observable } from 'rxjs';
import type { ComplianceHook, ComplianceHookType } from '../compliance/compliance.hooks.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import type { DeviceAuthorization } from '../pipeline/device-authorization.js';
import { GrantBinding, type VariantRequest } from '../pipeline/grant-binding.js';
import type { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import type { TokenSet } from '../protocol/token-set.js';
import { authorizationLack } from './authorization-lack.js';
import type { AuthorizationUrlOptions } from './authorization-flow.js';
import { demandFitting, remedyOf, wrongGrant } from './fetch-token.checks.js';
import { boundInstance } from './session-axios.js';
import type {
  CompleteAuthorizationOptions,
  CompletedAuthorization,
  FetchTokenOptions,
} from './session.options.js';
import { demandRequestOptions } from './token-request.checks.js';
import { IdentitySession } from './identity-session.js';
import { tokenInExchange, tokenOfCallback, tokenOfDevice, tokenOfFragment } from './user-grants.js';
import { variantRequest } from './variant-request.js';

/**
 * An axios instance by the types of an ES module and of a CommonJS application alike: axios ships
 * two type files, whose classes do not match each other.
 */
export type SessionAxiosInstance = AxiosInstance & RequiredAxiosInstance;

const instances = new WeakMap<OAuthSession, SessionAxiosInstance>();

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
export class OAuthSession extends IdentitySession {
  /**
   * The session of one user. Cheap: make one for each call.
   *
   * @param subject - Who it is, by the application's own identifier; not empty.
   * @throws ConfigurationError for anything else, and on a client that acts for itself.
   */
  for(subject: string): OAuthSession {
    const client = this.clientName;
    if (typeof subject !== 'string' || subject === '') {
      const what = subject === '' ? 'an empty text' : subject === null ? 'null' : typeof subject;
      throw new ConfigurationError({
        client,
        problem: `for() was given ${what} as the subject.`,
        remedy: 'Pass the identifier of the user; look why it is missing.',
      });
    }
    const { actsForUsers, ownGrant } = this.settings;
    if (!actsForUsers && ownGrant?.actsFor !== 'client or subject') {
      throw new ConfigurationError({
        client,
        subject,
        problem: `The grant ${this.settings.grant} acts for the client itself.`,
        remedy: 'Call the API without for().',
      });
    }
    return new OAuthSession(this.handle, new GrantBinding(client, subject, this.binding.variant));
  }

  /**
   * The same session with a token of its own: for another scope, resource or audience, under the
   * same grant. RFC 6749, section 6; RFC 8707. A user who authorizes on it is connected anew: the
   * refresh token becomes the grant's, whose own token is fetched with it when it is needed.
   *
   * @throws ConfigurationError for what is no such request.
   */
  with(overrides: VariantRequest): OAuthSession {
    const { subject, variant } = this.binding;
    const asked = variantRequest(this.settings, { ...variant, ...overrides });
    return new OAuthSession(this.handle, new GrantBinding(this.clientName, subject, asked));
  }

  /** A new state, by the client's own `state` function or at random. */
  async newState(): Promise<string> {
    return this.runtime.flow.newState();
  }

  /**
   * The URL to send the user to, to connect their account. RFC 6749, section 4.1.1.
   *
   * @throws ConfigurationError when the client has no user, the state was used before, `returnTo`
   * leaves the application, or further parameters would override what the callback is judged by.
   */
  async authorizationUrl(
    options: AuthorizationUrlOptions = {},
  ): Promise<{ url: string; state: string }> {
    OAuthSession.#demandGrant(this.settings, 'authorizationUrl', [
      'authorization_code',
      'implicit',
    ]);
    this.demandSubject();
    return this.runtime.flow.begin(this.binding, options);
  }

  /**
   * Completes what `authorizationUrl()` began: judges the callback, exchanges the code and stores
   * the token. On the client's own session the subject is the one that the flow was begun for.
   *
   * @throws MismatchingStateError for a callback of another browser, client or subject, one that
   * was used before, or one that is too old; AuthorizationResponseError when the server or the user
   * refused; MissingCodeError; TokenEndpointError; DiscoveryError when what an ID token is verified
   * by cannot be read: the code was not sent, and the user begins again all the same.
   */
  async completeAuthorization(
    options: CompleteAuthorizationOptions,
  ): Promise<CompletedAuthorization> {
    OAuthSession.#demandGrant(this.settings, 'completeAuthorization', ['authorization_code']);
    demandRequestOptions(this.settings, 'completeAuthorization', options);
    const done = await tokenOfCallback(this.runtime, this.binding, options);
    const { token, binding, returnTo } = done;
    return {
      session: new OAuthSession(this.handle, binding),
      token,
      subject: binding.subject,
      ...(returnTo !== undefined && { returnTo }),
    };
  }

  /**
   * Gets a token now: from an authorization response or a code, a name and password, or, for a grant
   * that needs no user, anew. With options of its own it waits for a renewal in flight and then
   * makes its own request.
   *
   * @throws ConfigurationError for arguments that do not fit the client's grant; MissingCodeError;
   * MismatchingStateError; AuthorizationResponseError; TokenEndpointError; ScopeMismatchError.
   */
  async fetchToken(options: FetchTokenOptions = {}): Promise<TokenSet> {
    this.demandSubject();
    demandRequestOptions(this.settings, 'fetchToken', options);
    demandFitting(this.clientName, this.settings.grant, options);
    if (this.settings.ownGrant) return this.refreshToken(options);
    await this.runtime.source.settled(this.binding);
    const { authorizationResponse } = options;
    if (authorizationResponse === undefined) {
      return tokenInExchange(this.runtime, this.binding, options);
    }
    if (this.settings.grant === 'implicit') {
      return this.tokenFromFragment(authorizationResponse, options.binding);
    }
    return (await this.completeAuthorization({ ...options, authorizationResponse })).token;
  }

  /**
   * Stores the token that an implicit grant brings in the fragment of its callback URL. RFC 6749,
   * section 4.2.2; RFC 9700, section 2.1.2 advises against the grant.
   *
   * @param authorizationResponse - The full callback URL, fragment included.
   * @param browser - The binding that was given to `authorizationUrl()`.
   */
  async tokenFromFragment(authorizationResponse: string, browser?: string): Promise<TokenSet> {
    this.demandSubject();
    if (this.settings.grant !== 'implicit') throw wrongGrant(this.clientName, 'implicit');
    return tokenOfFragment(this.runtime, this.binding, authorizationResponse, browser);
  }

  /**
   * Begins a device authorization (RFC 8628): what to show to the user comes at once, the token
   * when they have agreed. Unsubscribing ends the asking.
   *
   * @example
   * ```ts
   * tv.for(userId).authorizeDevice$().subscribe((step) => {
   *   if (step.status === 'pending') display(step.verificationUri, step.userCode);
   * });
   * ```
   */
  authorizeDevice$(): Observable<DeviceAuthorization> {
    return defer(() => {
      this.demandSubject();
      if (this.settings.grant !== 'device_code') throw wrongGrant(this.clientName, 'device_code');
      return tokenOfDevice(this.runtime, this.binding);
    });
  }

  /**
   * The axios instance behind the session, for SDKs that take one: bound to the subject, its
   * interceptors and defaults shared by all subjects of the client.
   */
  override get axiosRef(): SessionAxiosInstance {
    this.demandSubject();
    const { instance } = this.runtime;
    if (this.isClients) return instance as SessionAxiosInstance;
    const existing = instances.get(this);
    if (existing) return existing;
    const made = boundInstance(instance, this.binding) as SessionAxiosInstance;
    instances.set(this, made);
    return made;
  }

  /** @internal What keeps a call that needs the scope from being made, in one read of the store. */
  async lack(scope: readonly string[]): Promise<AuthorizationRequiredError | undefined> {
    this.demandSubject();
    return authorizationLack(this.runtime, this.binding, scope);
  }

  /** Registers a compliance hook for all sessions of this client; returns its removal. */
  registerComplianceHook<T extends ComplianceHookType>(
    type: T,
    hook: ComplianceHook<T>,
  ): () => void {
    return this.runtime.parts.hooks.register(type, hook);
  }

  /** Ends the client: waits for its renewals. On the session of a subject it does nothing. */
  async close(): Promise<void> {
    if (this.subject === '' && this.binding.variant === undefined) await this.handle.close();
  }

  // Static: a private method of its own takes room in every session that is kept.
  static #demandGrant(
    { actsForUsers, grant, name }: ClientSettings,
    method: string,
    grants: readonly string[],
  ): void {
    if (grants.includes(grant)) return;
    const problem = actsForUsers
      ? `${method}() does not go with the grant ${grant}.`
      : `${method}() needs a user, and the grant is ${grant}.`;
    throw new ConfigurationError({ client: name, problem, remedy: remedyOf(grant) });
  }
}
