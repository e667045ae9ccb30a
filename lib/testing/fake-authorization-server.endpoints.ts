import { protectedApi, userinfoEndpoint } from './fake-authorization-server.api.js';
import { endSession } from './fake-authorization-server.logout.js';
import { authorizeEndpoint } from './fake-authorization-server.authorize.js';
import type { FakeHandler, FakeServerContext } from './fake-authorization-server.context.js';
import { deviceAuthorization } from './fake-authorization-server.device.js';
import { discoveryEndpoint, jwksEndpoint } from './fake-authorization-server.discovery.js';
import { jsonResponse } from './fake-authorization-server.http.js';
import type { FakeEndpoint } from './fake-authorization-server.http.js';
import {
  introspectionEndpoint,
  revocationEndpoint,
} from './fake-authorization-server.token-management.js';
import { tokenEndpoint } from './fake-authorization-server.token-endpoint.js';

/** One row of the table of endpoints. */
interface Endpoint {
  readonly name: FakeEndpoint;
  /** Below the issuer's path. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly handle: FakeHandler;
}

const READ = ['GET', 'HEAD'];

const ENDPOINTS: readonly Endpoint[] = [
  { name: 'authorize', path: '/authorize', methods: ['GET', 'POST'], handle: authorizeEndpoint },
  { name: 'token', path: '/token', methods: ['POST'], handle: tokenEndpoint },
  { name: 'revocation', path: '/revoke', methods: ['POST'], handle: revocationEndpoint },
  { name: 'introspection', path: '/introspect', methods: ['POST'], handle: introspectionEndpoint },
  { name: 'userinfo', path: '/userinfo', methods: ['GET', 'POST'], handle: userinfoEndpoint },
  { name: 'end_session', path: '/logout', methods: ['GET', 'POST'], handle: endSession },
  { name: 'jwks', path: '/jwks', methods: READ, handle: jwksEndpoint },
  {
    name: 'device_authorization',
    path: '/device_authorization',
    methods: ['POST'],
    handle: deviceAuthorization,
  },
];

const WELL_KNOWN = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/** The endpoint that answers at a path, and its normal behaviour. */
export interface Route {
  readonly name: FakeEndpoint;
  readonly handle: FakeHandler;
}

/** Finds the endpoint for a request that came to `origin`. */
export function route(
  origin: string,
  method: string,
  path: string,
  server: FakeServerContext,
): Route {
  const { issuer, origin: own, apiOrigin } = server.urls;
  if (origin === apiOrigin && (path === '/api' || path.startsWith('/api/'))) {
    return { name: 'api', handle: protectedApi };
  }
  if (origin !== own) return { name: 'unknown', handle: notFound };

  const base = issuer.slice(own.length);
  // RFC 8414 puts the issuer's path after the well-known part, OpenID Connect before it.
  if (WELL_KNOWN.some((known) => path === `${base}${known}` || path === `${known}${base}`)) {
    return { name: 'discovery', handle: allow(READ, method, discoveryEndpoint) };
  }
  const endpoint = ENDPOINTS.find((one) => path === `${base}${one.path}`);
  if (!endpoint) return { name: 'unknown', handle: notFound };
  if (endpoint.name === 'revocation' && server.act?.revokedToken) return endpoint;
  const isLenient = endpoint.name === 'token' && server.policy.lenientTokenRequests;
  const methods = isLenient ? ['GET', ...endpoint.methods] : endpoint.methods;
  return { name: endpoint.name, handle: allow(methods, method, endpoint.handle) };
}

function allow(methods: readonly string[], method: string, handle: FakeHandler): FakeHandler {
  if (methods.includes(method)) return handle;
  return () => jsonResponse(405, { error: 'method_not_allowed' }, { Allow: methods.join(', ') });
}

function notFound(): ReturnType<FakeHandler> {
  return jsonResponse(404, { error: 'not_found' });
}
