import type { FakeServerContext } from './fake-authorization-server.context.js';
import { endpointUrl } from './fake-authorization-server.context.js';
import { FakeProtocolError, parameter } from './fake-authorization-server.http.js';
import type { FakeRequest } from './fake-authorization-server.http.js';
import { decodeJwt, isSignedBy, judgeAssertion } from './fake-authorization-server.jwt.js';
import type { FakeClient, FakeClientAuthentication } from './fake-authorization-server.options.js';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a request brought to say who the client is. */
interface Credentials {
  method: FakeClientAuthentication;
  clientId: string;
  secret?: string;
  assertion?: string;
}

/** The authenticated client; undefined if the request names none. Else `invalid_client`. */
export function authenticateClient(
  request: FakeRequest,
  form: URLSearchParams,
  server: FakeServerContext,
): FakeClient | undefined {
  const credentials = readCredentials(request, form, server);
  if (!credentials) return undefined;
  const client = server.clients.get(credentials.clientId);
  const problem = client ? judge(client, credentials, server) : 'The client is not known';
  if (!client || problem) throw invalidClient(request, problem);
  return client;
}

/** As {@link authenticateClient}, for endpoints that demand a client. */
export function requireClient(
  request: FakeRequest,
  form: URLSearchParams,
  server: FakeServerContext,
): FakeClient {
  const client = authenticateClient(request, form, server);
  if (!client) throw invalidClient(request, 'No client authentication was sent');
  return client;
}

function invalidClient(request: FakeRequest, description = ''): FakeProtocolError {
  const headers: Record<string, string> = request.headers.authorization
    ? { 'WWW-Authenticate': 'Basic realm="fake"' }
    : {};
  return new FakeProtocolError('invalid_client', description, 401, headers);
}

function readCredentials(
  request: FakeRequest,
  form: URLSearchParams,
  server: FakeServerContext,
): Credentials | undefined {
  const basic = /^basic +(.*)$/i.exec(request.headers.authorization ?? '')?.[1];
  const secret = parameter(form, 'client_secret');
  const assertion = parameter(form, 'client_assertion');
  if ([basic, secret, assertion].filter((one) => one !== undefined).length > 1) {
    throw new FakeProtocolError('invalid_request', 'More than one client authentication was sent');
  }
  const clientId = parameter(form, 'client_id');
  if (basic !== undefined) return basicCredentials(request, server, basic, clientId);
  if (assertion !== undefined) return assertionCredentials(request, form, assertion, clientId);
  if (clientId === undefined) return undefined;
  return secret === undefined
    ? { method: 'none', clientId }
    : { method: 'client_secret_post', clientId, secret };
}

function basicCredentials(
  request: FakeRequest,
  server: FakeServerContext,
  basic: string,
  inBody?: string,
): Credentials {
  const text = Buffer.from(basic, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) throw invalidClient(request, 'The Basic header has no colon');
  const rawId = text.slice(0, colon);
  const isRaw = server.clients.get(rawId)?.basicEncoding === 'raw';
  const clientId = isRaw ? rawId : formDecode(rawId);
  const secret = isRaw ? text.slice(colon + 1) : formDecode(text.slice(colon + 1));
  if (clientId === undefined || (inBody !== undefined && inBody !== clientId)) {
    throw invalidClient(request, 'The Basic header names another client');
  }
  return { method: 'client_secret_basic', clientId, secret };
}

function assertionCredentials(
  request: FakeRequest,
  form: URLSearchParams,
  assertion: string,
  inBody?: string,
): Credentials {
  if (parameter(form, 'client_assertion_type') !== ASSERTION_TYPE) {
    throw invalidClient(request, 'The client_assertion_type is not known');
  }
  const { header, claims } = decodeJwt(assertion, 'invalid_client');
  const clientId = String(claims.sub);
  if (claims.iss !== claims.sub || (inBody !== undefined && inBody !== clientId)) {
    throw invalidClient(request, 'The assertion names another client');
  }
  const method = String(header.alg).startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt';
  return { method, clientId, assertion };
}

/** What is wrong with the credentials, if anything. */
function judge(
  client: FakeClient,
  credentials: Credentials,
  server: FakeServerContext,
): string | undefined {
  const { method, secret, assertion } = credentials;
  if (client.authentication !== undefined && client.authentication !== method) {
    return `The client has to authenticate by ${client.authentication}`;
  }
  if (assertion !== undefined) return judgeClientAssertion(client, assertion, server);
  if (method === 'none') {
    const isPublic =
      client.authentication === 'none' ||
      (client.clientSecret === undefined && client.key === undefined);
    return isPublic ? undefined : 'The client has to authenticate';
  }
  // A public client may send an empty password.
  return secret === (client.clientSecret ?? '') ? undefined : 'The secret is wrong';
}

function judgeClientAssertion(
  client: FakeClient,
  assertion: string,
  server: FakeServerContext,
): string | undefined {
  const jwt = decodeJwt(assertion, 'invalid_client');
  const { clientSecret: secret, key: publicKey } = client;
  const key = publicKey !== undefined ? { publicKey } : secret ? { secret } : undefined;
  if (!key || !isSignedBy(jwt, key)) return "The assertion's signature is wrong";
  const audiences = [server.urls.issuer, endpointUrl(server, '/token')];
  judgeAssertion(jwt.claims, audiences, server.clock.now(), 'invalid_client');
  const { jti } = jwt.claims;
  if (typeof jti !== 'string' || server.assertions.has(jti))
    return 'The jti is missing or was used';
  server.assertions.add(jti);
  return undefined;
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
