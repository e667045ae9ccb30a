import { randomBytes, randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
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
  /** The error codes of the token requests that brought none, in order. */
  readonly refusals: readonly string[];
  /** How many grants were revoked, with all their tokens. */
  readonly revoked: number;
  /** Answers for it at another address, too, such as one that asks for client certificates. */
  readonly answer: RequestListener;
  /** From now on it signs with another key; its key set no longer has the old one. */
  rotateKeys(): Promise<void>;
}

const ARTIFACTS = [
  'AccessToken',
  'AuthorizationCode',
  'ClientCredentials',
  'DeviceCode',
  'Grant',
  'IdToken',
  'Interaction',
  'RefreshToken',
  'Session',
];

/**
 * Starts it in this process, everything in memory; it is stopped after the test.
 *
 * @param tls - Makes it an `https:` server.
 */
export async function startOidcServer(
  clients: ClientMetadata[],
  more: Partial<Configuration> = {},
  tls?: ServerOptions,
): Promise<OidcServer> {
  const { default: OidcProvider } = await loadOidcProvider();
  const server = tls ? createTlsServer(tls) : createServer();
  const address = await listen(server, 0);
  const issuer = tls ? address.replace('http:', 'https:') : address;
  const configuration: Configuration = {
    adapter: memoryAdapter(),
    clients,
    scopes: ['openid', 'offline_access', 'read'],
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
  };
  const grants: string[] = [];
  const refusals: string[] = [];
  let revoked = 0;
  /** One provider with a key of its own; what it stores is the server's. */
  const run = async (): Promise<Provider> => {
    const jwks = { keys: [await signingKey()] };
    const provider = new OidcProvider(issuer, { jwks, ...configuration });
    provider.on('grant.success', ({ oidc }) => {
      grants.push(String(oidc.params?.['grant_type']));
    });
    provider.on('grant.error', (_context, { error }) => void refusals.push(error));
    provider.on('grant.revoked', () => void (revoked += 1));
    return provider;
  };
  let provider = await run();
  const answer: RequestListener = (request, response) => {
    if (request.url?.startsWith('/interaction/')) void decide(provider, request, response);
    else void provider.callback()(request, response);
  };
  server.on('request', answer);
  onTestFinished(() => close(server));
  return {
    issuer,
    grants,
    refusals,
    answer,
    get revoked() {
      return revoked;
    },
    async rotateKeys() {
      provider = await run();
    },
  };
}

async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

/** Login and consent in one: whoever the visitor says it is, and all that was asked for, or nothing. */
async function decide(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  if (request.headers['x-visitor-agrees'] === 'false') {
    const refusal = { error: 'access_denied', error_description: 'The person said no' };
    return provider.interactionFinished(request, response, refusal);
  }
  const accountId = String(request.headers['x-visitor']);
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  grant.addOIDCScope(String(params['scope']));
  // One resource is text, several are a list.
  const resources = [params['resource'] ?? []].flat() as string[];
  for (const resource of resources) grant.addResourceScope(resource, String(params['scope']));
  const consent = { grantId: await grant.save() };
  const decision = { login: { accountId }, consent };
  await provider.interactionFinished(request, response, decision);
}

/** A user at a browser without a screen: follows redirects and keeps cookies. */
export class Visitor {
  readonly #cookies = new Map<string, string>();

  /**
   * @param name - Who it says it is at the login.
   * @param agrees - Whether it allows what it is asked for.
   */
  constructor(
    readonly name: string,
    readonly agrees = true,
  ) {}

  /** Goes from the authorization URL, through login and consent, to the callback URL. */
  async authorize(url: string, redirectUri: string): Promise<string> {
    let address = url;
    while (!address.startsWith(redirectUri)) {
      const response = await this.visit(address);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`The way ends at ${address}: ${response.status}`);
      address = new URL(location, address).href;
    }
    return address;
  }

  /** Makes one request, as a browser would: with the cookies that it has; a redirect is the answer. */
  protected async visit(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'x-visitor': this.name, 'x-visitor-agrees': String(this.agrees) };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '') this.#cookies.delete(name!);
      else this.#cookies.set(name!, value!);
    }
    return response;
  }
}
