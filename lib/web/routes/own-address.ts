import { ConfigurationError } from '../../errors/configuration.errors.js';
import { parseUrl } from '../../protocol/url.js';
import type { RoutePaths } from '../route-paths.js';
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
export function redirectUriOf(
  view: RequestView,
  address: ConfiguredAddress,
  paths: RoutePaths,
): string {
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
  return `${origin}${paths.from(view.path, 'authorize', 'callback', client)}`;
}
