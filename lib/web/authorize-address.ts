import type { OAuthSession } from '../session/oauth-session.js';
import type { RoutePaths } from './route-paths.js';
import type { WebContext } from './web.context.js';

/** As much scope as the authorize route reads, in characters. */
const MAX_SCOPE = 2_000;

/** What an address of the authorize route carries. */
export interface AuthorizeParams {
  /** Where inside the application to return to. */
  readonly returnTo?: string | undefined;
  /** Scope to ask for beside what the client asks for. */
  readonly scope?: readonly string[];
}

/** Where the application's own routes are, and by which of them a user connects an account. */
export class AuthorizeAddress {
  readonly #web: WebContext;
  /** Where all routes are. */
  readonly paths: RoutePaths;

  constructor(web: WebContext, paths: RoutePaths) {
    this.#web = web;
    this.paths = paths;
  }

  /** Whether there are any routes. */
  get isMounted(): boolean {
    return this.#web.options.routes !== undefined;
  }

  /** Whether users connect this client's account by the routes. */
  takesPart(session: OAuthSession): boolean {
    const { clientName, settings } = session;
    const { routes } = this.#web.options;
    if (!routes || settings.grant !== 'authorization_code') return false;
    return routes.clients?.includes(clientName) ?? true;
  }

  /** The path of a client's authorize route, with its query; `undefined` where there are no routes. */
  path(client: string, { returnTo, scope = [] }: AuthorizeParams = {}): string | undefined {
    const path = this.paths.of('authorize', client);
    if (path === undefined) return undefined;
    const query = new URLSearchParams();
    if (returnTo !== undefined) query.set('returnTo', returnTo);
    if (scope.length > 0) query.set('scope', wholeParts(scope));
    return query.size > 0 ? `${path}?${query.toString()}` : path;
  }

  /** The same with the application's origin in front, where the options name it. */
  url(client: string, params: AuthorizeParams = {}): string | undefined {
    const path = this.path(client, params);
    const { origin } = this.#web.options.routes ?? {};
    return path !== undefined && origin !== undefined ? new URL(path, origin).href : path;
  }

  /** Whether a path is a client's callback, which is of no use twice. */
  isCallback(path: string): boolean {
    return this.paths.is('callback', path);
  }
}

/** As many parts as fit; the rest is asked for when it is missed again. */
function wholeParts(scope: readonly string[]): string {
  const text = scope.join(' ');
  return text.length <= MAX_SCOPE ? text : wholeParts(scope.slice(0, -1));
}
