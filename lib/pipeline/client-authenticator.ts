import { ConfigurationError } from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import {
  authenticateClient,
  type ClientAuthentication,
  type UnauthenticatedRequest,
} from '../protocol/client-authentication.js';
import { clientSecretOf } from './client-secret.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
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
 */
export async function authenticated(
  { settings, metadata, clock }: AuthenticatorParts,
  authentication: ClientAuthentication,
  request: UnauthenticatedRequest,
  clientSecret?: string,
): Promise<void> {
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
