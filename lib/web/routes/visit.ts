import { UnauthorizedException } from '@nestjs/common';
import type { ClientRuntime } from '../../session/client-runtime.js';
import type { OAuthSession } from '../../session/oauth-session.js';
import { BrowserCookie } from './browser.cookie.js';
import type { SignInHandler } from '../on-authorized.decorator.js';
import type { CookieJar } from './cookie-jar.js';
import type { ConfiguredAddress } from './own-address.js';
import type { RequestView } from './request.view.js';

/** One request to the routes of one client. */
export interface Visit {
  readonly view: RequestView;
  /** Who is signed in. */
  readonly subject: string | undefined;
  /** What signs users of this client in, where the application has that. */
  readonly signIn: SignInHandler | undefined;
  readonly jar: CookieJar;
  readonly cookie: BrowserCookie;
  /** The client's own session. */
  readonly session: OAuthSession;
  readonly runtime: ClientRuntime;
  readonly address: ConfiguredAddress;
  /** The platform's own response, for the application's handlers alone. */
  readonly response: unknown;
}

/** The session that a user's visit is about: theirs, or the one that all users share. */
export function sessionOf({ session, runtime }: Visit, subject: string): OAuthSession {
  return runtime.settings.shared ? session : session.for(subject);
}

/**
 * What a flow is bound to: the browser, and, where the token is everybody's, the user who began it,
 * since its record names nobody.
 */
export function bindingOf({ runtime }: Visit, secret: string, subject: string): string {
  return runtime.settings.shared ? `${secret} ${subject}` : secret;
}

/** Who is signed in, where somebody has to be. */
export function demanded(subject: string | undefined): string {
  if (subject === undefined) throw new UnauthorizedException();
  return subject;
}
