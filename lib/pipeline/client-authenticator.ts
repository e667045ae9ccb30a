import { ConfigurationError } from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import {
  authenticateClient,
  type ClientAuthentication,
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
  const credentials = {
    clientId,
    clientSecret: clientSecret ?? (await clientSecretOf(settings)),
    issuer: metadata.issuer,
    now: clock.now() / 1000,
  };
  const { timeoutMs } = refresh;
  const tooSlow = () => new Error(`no authentication within ${timeoutMs} ms`);
  try {
    const authenticating = authenticateClient(authentication, credentials, request);
    await waitWithin(authenticating, { timeoutMs }, tooSlow);
    return credentials.clientSecret;
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

/** A request to the token endpoint with the client's credentials, and the secrets that it holds. */
export async function authenticatedTokenRequest(
  parts: AuthenticatorParts,
  request: UnauthenticatedRequest,
  options: TokenRequestOptions | undefined,
): Promise<{ request: TokenEndpointRequest; secrets: string[] }> {
  request.method = options?.method ?? 'POST';
  const authentication = authenticationFor(parts.settings.authentication, options);
  const secret = await authenticated(parts, authentication, request, options?.clientSecret);
  const { form: body, url, method, headers } = request;
  if (options?.includeClientId === false) body.delete('client_id');
  const secrets = [...secretsOf(body), ...(secret ? [secret] : [])];
  return { request: { url, method, headers, body }, secrets };
}

/**
 * A secret that comes with the call is used also by a client that has none of its own. With
 * `includeClientId`, what a header would have carried goes into the form.
 */
function authenticationFor(
  own: ClientAuthentication,
  options: TokenRequestOptions | undefined,
): ClientAuthentication {
  const isPublic = typeof own === 'object' && own.method === 'none';
  const configured: ClientAuthentication =
    isPublic && options?.clientSecret !== undefined ? { method: 'client_secret_basic' } : own;
  const inHeader = typeof configured === 'object' && configured.method === 'client_secret_basic';
  if (options?.includeClientId !== true) return configured;
  if (!inHeader) return configured;
  return ({ form }, { clientId, clientSecret }) => {
    form.set('client_id', clientId);
    if (clientSecret !== undefined) form.set('client_secret', clientSecret);
  };
}
