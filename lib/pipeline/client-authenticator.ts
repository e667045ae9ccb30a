import { ConfigurationError } from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import {
  authenticateClient,
  METHODS_WITH_SECRET,
  type ClientAuthentication,
  type ClientCredentials,
  type UnauthenticatedRequest,
} from '../protocol/client-authentication.js';
import type { TokenEndpointRequest } from '../protocol/http-message.js';
import { secretsOf } from '../protocol/redact.js';
import { clientSecretOf } from './client-secret.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { TokenRequestOptions } from './grant-request.js';
import { waitWithin } from './patience.js';
import type { ServerMetadata } from './server-metadata.js';

/** What a client authenticates itself with. */
export interface AuthenticatorParts {
  readonly settings: ClientSettings;
  readonly metadata: ServerMetadata;
  readonly clock: Clock;
}

/**
 * Puts the client's credentials on a request. A key, a signer or a function of the application's
 * own is waited for no longer than a server would be.
 *
 * @param clientSecret - A secret for this request alone, instead of the client's.
 * @returns The secret that was used: what a server says back is not to hold it.
 */
export async function authenticated(
  { settings, metadata, clock }: AuthenticatorParts,
  authentication: ClientAuthentication,
  request: UnauthenticatedRequest,
  clientSecret?: string,
): Promise<string | undefined> {
  const { name: client, clientId, refresh } = settings;
  const secret = clientSecret ?? (await secretFor(authentication, settings));
  const credentials: ClientCredentials = {
    clientId,
    get clientSecret() {
      if (secret instanceof Error) throw secret;
      return secret;
    },
    issuer: metadata.issuer,
    now: clock.now() / 1000,
  };
  const { timeoutMs } = refresh;
  const tooSlow = () => new Error(`no authentication within ${timeoutMs} ms`);
  try {
    const authenticating = authenticateClient(authentication, credentials, request);
    await waitWithin(authenticating, { timeoutMs }, tooSlow);
    return secret instanceof Error ? undefined : secret;
  } catch (cause) {
    if (cause instanceof OAuthClientError) throw cause;
    throw new ConfigurationError({
      client,
      problem: 'The client could not be authenticated.',
      remedy: 'Check key, alg and functions of its authentication options.',
      cause,
    });
  }
}

/**
 * The secret, where the authentication needs one. A function of the application's own may do
 * without: to it a failure is told when it reads the secret.
 */
async function secretFor(
  authentication: ClientAuthentication,
  settings: ClientSettings,
): Promise<string | OAuthClientError | undefined> {
  if (typeof authentication === 'function') {
    return clientSecretOf(settings, false).catch((error: OAuthClientError) => error);
  }
  return METHODS_WITH_SECRET.has(authentication.method)
    ? clientSecretOf(settings, true)
    : undefined;
}

/** A request to the token endpoint with the client's credentials, and the secrets that it holds. */
export async function authenticatedTokenRequest(
  parts: AuthenticatorParts,
  request: UnauthenticatedRequest,
  options: TokenRequestOptions | undefined,
): Promise<{ request: TokenEndpointRequest; secrets: string[] }> {
  request.method = options?.method?.toUpperCase() ?? 'POST';
  for (const [name, value] of Object.entries(options?.headers ?? {})) {
    request.headers.set(name, value);
  }
  const authentication = authenticationFor(parts.settings.authentication, options);
  const secret = await authenticated(parts, authentication, request, options?.clientSecret);
  const { form: body, url, method, headers } = request;
  if (options?.includeClientId === true && !body.has('client_id')) {
    body.set('client_id', parts.settings.clientId);
  }
  if (options?.includeClientId === false) body.delete('client_id');
  const secrets = [...secretsOf(body, headers), ...(secret ? [secret] : [])];
  return { request: { url, method, headers, body }, secrets };
}

/**
 * How the client authenticates itself on a call with such options. A secret that comes with the
 * call is used also by a client that has none of its own. With `includeClientId`, what a header
 * would have carried goes into the form.
 */
export function authenticationFor(
  own: ClientAuthentication,
  options: TokenRequestOptions | undefined,
): ClientAuthentication {
  if (typeof own === 'function') return own;
  const isPublic = own.method === 'none' && options?.clientSecret !== undefined;
  if (!isPublic && own.method !== 'client_secret_basic') return own;
  if (options?.includeClientId === true) return { method: 'client_secret_post' };
  return isPublic ? { method: 'client_secret_basic' } : own;
}
