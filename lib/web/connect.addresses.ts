import { ConfigurationError } from '../errors/configuration.errors.js';
import { parseUrl } from '../protocol/url.js';
import type { ClientDirectory } from '../session/client-directory.js';
import type { ConnectAddresses, ConnectUrlOptions } from '../session/connect-urls.js';
import { AuthorizeAddress } from './authorize-address.js';
import { localPath } from './routes/local-path.js';
import { requestedScope } from './routes/requested-scope.js';
import type { WebContext } from './web.context.js';

/** Full addresses of the authorize route, where no request says which host the application has. */
export class RoutesConnectAddresses implements ConnectAddresses {
  readonly #web: WebContext;
  readonly #address: AuthorizeAddress;
  readonly #directory: ClientDirectory;

  constructor(web: WebContext, address: AuthorizeAddress, directory: ClientDirectory) {
    this.#web = web;
    this.#address = address;
    this.#directory = directory;
  }

  urlOf(client: string, { returnTo, scope = [] }: ConnectUrlOptions): string | undefined {
    const { routes } = this.#web.options;
    if (!routes || routes.clients?.includes(client) === false) return undefined;
    const isConfigured = this.#directory.has(client);
    if (!isConfigured && !this.#directory.registered) throw this.#directory.unknown(client);
    const settings = isConfigured ? this.#directory.runtime(client).settings : undefined;
    if (settings && settings.grant !== 'authorization_code') return undefined;
    const params = {
      ...(returnTo !== undefined && { returnTo: asked(client, () => localPath(returnTo)) }),
      scope: asked(client, () => requestedScope(scope)),
    };
    const path = this.#address.path(client, params);
    if (path === undefined) return undefined;
    const origin = routes.origin ?? this.#originOf(path, settings?.redirectUri);
    if (origin !== undefined) return new URL(path, origin).href;
    throw new ConfigurationError({
      client,
      problem: 'Without a request nothing says at which address the application is.',
      remedy: 'Set routes.origin of the module, such as https://app.example.',
    });
  }

  /** That of the redirect URI, where it is the callback of these very routes. */
  #originOf(path: string, redirectUri: string | undefined): string | undefined {
    const url = parseUrl(redirectUri ?? '');
    const callback = path.split('?', 1)[0]!.replace(/\/authorize$/, '/callback');
    return url?.protocol === 'https:' && url.pathname === callback ? url.origin : undefined;
  }
}

/** A mistake of the application's own is none of a request's. */
function asked<T>(client: string, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    throw new ConfigurationError({
      client,
      problem: `connectUrl() was given what cannot be: ${(error as Error).message}`,
      remedy: "Pass a path such as '/settings', and scope as a list of single scopes.",
    });
  }
}
