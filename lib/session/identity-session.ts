import { ConfigurationError } from '../errors/configuration.errors.js';
import type { UserInfo } from '../pipeline/userinfo-endpoint.js';
import { remedyOf } from './fetch-token.checks.js';
import type { CompleteLogoutOptions, LogoutUrlOptions } from './logout-flow.js';
import { TokenSession } from './token-session.js';

/** The OpenID Connect half of a session: who the user is, and their logout. */
export abstract class IdentitySession extends TokenSession {
  /**
   * What the authorization server says of the user: checked to be about the user of the ID token,
   * where there was one. OpenID Connect Core 1.0, section 5.3.
   *
   * @throws AuthorizationRequiredError when only the user can help; TokenEndpointError, also for an
   * answer about somebody else; ConfigurationError when no userinfo endpoint is known.
   */
  async userInfo(): Promise<UserInfo> {
    IdentitySession.#demandUser(this, 'userInfo');
    const { parts, source } = this.runtime;
    // A variant's token has no ID token of its own: the grant's says who the user is.
    const { variant } = this.binding;
    const grant = variant && (await source.stored(this.grant));
    return parts.userinfo.claims(this.binding, source, grant?.claims?.sub);
  }

  /**
   * The URL to send the user to, to log them out at the authorization server. The stored token is
   * left alone: forget it with `revokeToken()` or `clearToken()` after this call, which sends its
   * ID token as a hint. OpenID Connect RP-Initiated Logout 1.0.
   *
   * @returns The URL, and the state where the user is to come back.
   * @throws ConfigurationError when the server has no endpoint for it, or options do not fit.
   */
  async logoutUrl(options: LogoutUrlOptions = {}): Promise<{ url: string; state?: string }> {
    IdentitySession.#demandUser(this, 'logoutUrl');
    const { logout, source } = this.runtime;
    const stored = await source.stored(this.grant);
    return logout.begin(this.binding, options, stored?.idToken);
  }

  /**
   * Completes what `logoutUrl()` began, when the user has come back: on any session of the client,
   * once.
   *
   * @throws MismatchingStateError for an answer of another browser or client, one that was used
   * before, or one that is too old.
   */
  async completeLogout(
    options: CompleteLogoutOptions,
  ): Promise<{ subject: string; returnTo?: string }> {
    return this.runtime.logout.complete(options);
  }

  /** A client that acts for itself has nobody to ask about, and nobody to log out. */
  static #demandUser(session: IdentitySession, method: string): void {
    session.demandSubject();
    const { actsForUsers, grant, name } = session.settings;
    if (actsForUsers || session.subject !== '') return;
    const problem = `${method}() needs a user, and the grant is ${grant}.`;
    throw new ConfigurationError({ client: name, problem, remedy: remedyOf(grant) });
  }
}
