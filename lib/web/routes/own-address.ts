import { ConfigurationError } from '../../errors/configuration.errors.js';
import { parseUrl } from '../../protocol/url.js';
import { isLoopback, type RequestView } from './request.view.js';

/** What is configured of the address by which browsers reach a client's routes. */
export interface ConfiguredAddress {
  readonly client: string;
  /** The option `routes.origin`. */
  readonly origin: string | undefined;
  /** The client's own `redirectUri`. */
  readonly redirectUri: string | undefined;
}

/** The origin by which browsers reach the routes: what is configured, or else what they asked for. */
export function ownOrigin(view: RequestView, { origin, redirectUri }: ConfiguredAddress): string {
  const configured = parseUrl(origin ?? redirectUri ?? '');
  const isWeb = configured && /^https?:$/.test(configured.protocol);
  return isWeb ? configured.origin : view.origin;
}

/**
 * The redirect URI of a flow that begins at this request: the client's, or the callback beside it.
 *
 * @throws ConfigurationError where the address would be http on a host that is not this machine.
 */
export function redirectUriOf(view: RequestView, address: ConfiguredAddress): string {
  const { client, redirectUri } = address;
  if (redirectUri !== undefined) return redirectUri;
  const origin = ownOrigin(view, address);
  if (origin.startsWith('http:') && !isLoopback(origin)) {
    throw new ConfigurationError({
      client,
      problem: `The address of the callback would be at ${origin}, by http.`,
      remedy:
        'Behind a proxy let the application trust it (trust proxy of Express, trustProxy of Fastify), or set routes.origin.',
    });
  }
  return `${origin}${routePath(view, 2)}/${encodeURIComponent(client)}/callback`;
}

/**
 * Where the routes are mounted, as the browser sees it: the global prefix is in what it asked for.
 *
 * @param own - How many segments of the path are the route's own.
 */
export function routePath({ path }: RequestView, own: number): string {
  return path.replace(/\/+$/, '').split('/').slice(0, -own).join('/');
}
