import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import type { ClientMetadata, Configuration, default as Provider } from 'oidc-provider';
import { onTestFinished } from 'vitest';
import { memoryAdapter } from '../../sample/acme/memory.adapter.js';
import { loadOidcProvider } from '../../sample/acme/oidc-provider.js';
import { close, listen } from '../../sample/shared/listen.js';

/** A running `oidc-provider`: the well-behaved server. */
export interface OidcServer {
  readonly issuer: string;
  /** The types of the grants that brought a token, in order. */
  readonly grants: readonly string[];
  /** How many grants were revoked, with all their tokens. */
  readonly revoked: number;
}

const ARTIFACTS = [
  'AccessToken',
  'AuthorizationCode',
  'ClientCredentials',
  'Grant',
  'IdToken',
  'Interaction',
  'RefreshToken',
  'Session',
];

/** Starts it in this process, everything in memory; it is stopped after the test. */
export async function startOidcServer(
  clients: ClientMetadata[],
  more: Partial<Configuration> = {},
): Promise<OidcServer> {
  const { default: OidcProvider } = await loadOidcProvider();
  const server = createServer();
  const issuer = await listen(server, 0);
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new OidcProvider(issuer, {
    adapter: memoryAdapter(),
    clients,
    scopes: ['openid', 'offline_access', 'read'],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    pkce: { required: () => true },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: Object.fromEntries(ARTIFACTS.map((name) => [name, 3600])),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    ...more,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      userinfo: { enabled: true },
      ...more.features,
    },
  });
  const grants: string[] = [];
  let revoked = 0;
  provider.on('grant.success', ({ oidc }) => void grants.push(String(oidc.params?.['grant_type'])));
  provider.on('grant.revoked', () => void (revoked += 1));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void decide(provider, request, response);
    else void answer(request, response);
  });
  onTestFinished(() => close(server));
  return {
    issuer,
    grants,
    get revoked() {
      return revoked;
    },
  };
}

/** Login and consent in one: whoever the visitor says it is, and whatever was asked for. */
async function decide(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const accountId = String(request.headers['x-visitor']);
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  grant.addOIDCScope(String(params['scope']));
  const consent = { grantId: await grant.save() };
  const decision = { login: { accountId }, consent };
  await provider.interactionFinished(request, response, decision);
}

/** A user at a browser without a screen: follows redirects and keeps cookies. */
export class Visitor {
  readonly #cookies = new Map<string, string>();

  /** @param name - Who it says it is at the login. */
  constructor(readonly name: string) {}

  /** Goes from the authorization URL, through login and consent, to the callback URL. */
  async authorize(url: string, redirectUri: string): Promise<string> {
    let address = url;
    while (!address.startsWith(redirectUri)) {
      const response = await this.#visit(address);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`The way ends at ${address}: ${response.status}`);
      address = new URL(location, address).href;
    }
    return address;
  }

  async #visit(url: string): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'x-visitor': this.name };
    const response = await fetch(url, { redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '') this.#cookies.delete(name!);
      else this.#cookies.set(name!, value!);
    }
    return response;
  }
}
