import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { ClientMetadata, Configuration, default as Provider } from 'oidc-provider';
import { close, listen } from '../shared/listen.js';
import { pageHeaders } from '../shared/page.js';
import { consent } from './consent.middleware.js';
import { grants } from './grants.middleware.js';
import { memoryAdapter } from './memory.adapter.js';
import { loadOidcProvider } from './oidc-provider.js';
import { errorPage } from './pages.js';
import { scopes } from './scopes.js';
import { Tally, type Counts } from './tally.js';
import { tokenRequests } from './token-requests.middleware.js';

export interface AuthorizationServerOptions {
  port: number;
  accessTokenSeconds: number;
  clients: ClientMetadata[];
}

export interface AuthorizationServer {
  issuer: string;
  provider: Provider;
  /** Requests at the token endpoint: client → grant → how many. */
  tokenRequests(): Counts;
  close(): Promise<void>;
}

/** A real authorization server, in memory: the sample's stand-in for GitHub, Google or Slack. */
export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { default: OidcProvider } = await loadOidcProvider();
  const server = createServer();
  // Another site than the application, as a provider is: `localhost` is not `127.0.0.1` to a browser.
  const { port } = new URL(await listen(server, options.port));
  const issuer = `http://localhost:${port}`;
  const provider = new OidcProvider(issuer, await configuration(issuer, options));
  const counted = new Tally();

  provider.on('server_error', (_context, error) => console.error('authorization server:', error));
  provider.use(tokenRequests(counted));
  provider.use(consent(provider));
  provider.use(grants(provider));
  server.on('request', provider.callback());

  return {
    issuer,
    provider,
    tokenRequests: () => counted.toJSON(),
    close: () => close(server),
  };
}

async function configuration(
  issuer: string,
  { clients, accessTokenSeconds }: AuthorizationServerOptions,
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const { port } = new URL(issuer);
  return {
    adapter: memoryAdapter(),
    clients,
    scopes: Object.keys(scopes),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    // Ports do not separate cookies: without a name of its own, a second sample would take this one's.
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: {
        session: `acme_${port}`,
        interaction: `acme_${port}_interaction`,
        resume: `acme_${port}_resume`,
      },
    },
    pkce: { required: () => true },
    // Every connection can be renewed; each refresh token works once.
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    clockTolerance: 0,
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      AuthorizationCode: 60,
      RefreshToken: 24 * 60 * 60,
      Interaction: 60 * 60,
      Session: 24 * 60 * 60,
      Grant: 24 * 60 * 60,
    },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
    },
    renderError: (context, out) => {
      context.set(pageHeaders);
      context.body = errorPage(out.error_description ?? out.error);
    },
  };
}
