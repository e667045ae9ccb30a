import {
  ComplianceFix,
  OnAccessTokenRequest,
  OnRefreshTokenRequest,
  type HookContext,
  type OAuthClientOptions,
  type TokenEndpointRequest,
} from '../index.js';
import type { MemoryAgents } from './memory-network.js';
import type { OAuthTestReply } from './oauth-test-reply.js';
import { SUBJECT_HEADER } from './oauth-test-request.js';
import type { OAuthTestToken } from './oauth-test-tokens.js';

/**
 * One client of the test kit: its token, what the API answers, and any option of a real client.
 * Those of the connection are the kit's own: `transport` but for its `timeout`, and `http.adapter`.
 */
export interface OAuthTestClientOptions extends Partial<OAuthClientOptions> {
  /**
   * The token that is there; a user's client has one that is valid for an hour, for every subject,
   * when left out, and a machine's fetches its own. `null`: not connected, which is an
   * `AuthorizationRequiredError` at a call (and a token request that fails, for a machine). For a
   * machine's client it is what its token requests are answered with.
   */
  token?: OAuthTestToken;
  /** What the API answers; a call that nothing is set for fails with an error that says so. */
  reply?: OAuthTestReply;
  /**
   * What requests for tokens are answered with, in the forms of `reply`: to let one fail. Where it
   * is, or a function answers, `undefined`, the kit grants what is asked for. What a function throws
   * breaks the connection.
   */
  tokenReply?: OAuthTestReply;
  /**
   * The application declares this client itself: while it runs, by `registry.register()`, so that it
   * is no mistake when there is none at boot; with `OAuthClientTestingModule`, in a feature, too.
   *
   * @defaultValue `false`
   */
  registeredLater?: boolean;
}

/** Puts the subject of a token request on the wire, where the kit reads it. */
@ComplianceFix()
class SubjectFix {
  @OnAccessTokenRequest()
  @OnRefreshTokenRequest()
  name(request: TokenEndpointRequest, { subject }: HookContext): TokenEndpointRequest {
    request.headers.set(SUBJECT_HEADER, encodeURIComponent(subject));
    return request;
  }
}

const PLACES = [
  'issuer',
  'metadataUrl',
  'authorizationEndpoint',
  'tokenEndpoint',
  'deviceAuthorizationEndpoint',
] as const;

/**
 * The options of a client, with what a test leaves out filled in, and nothing that would reach the
 * network.
 */
export function testOptions(
  name: string,
  given: Partial<OAuthClientOptions>,
  {
    agents,
    adapter,
    isRouted,
  }: {
    agents: MemoryAgents;
    adapter: NonNullable<OAuthClientOptions['http']>;
    /** Whether the application has routes for it, which say themselves where the callback is. */
    isRouted: boolean;
  },
): OAuthClientOptions {
  const options = withoutUndefined(given);
  const { clientSecret, transport, http, fixes = [], baseURL, allowedOrigins } = options;
  const isPlaced = PLACES.some((place) => options[place] !== undefined);
  const isMissing = 'clientSecret' in given && clientSecret === undefined;
  return {
    clientId: 'test-client',
    ...(!isRouted && { redirectUri: 'https://app.test/callback' }),
    ...(!isPlaced && { issuer: `https://oauth.test/${encodeURIComponent(name)}` }),
    ...((baseURL ?? allowedOrigins) === undefined && { baseURL: 'https://api.test' }),
    ...options,
    // What a function would read from a vault is of no use here.
    ...((isMissing || typeof clientSecret === 'function') && { clientSecret: 'test-secret' }),
    fixes: [...fixes, SubjectFix],
    http: { ...http, ...adapter },
    transport: {
      ...(transport?.timeout !== undefined && { timeout: transport.timeout }),
      ...agents,
      proxy: false,
      lookup: refuseLookup,
    },
  };
}

/** Where a single call brings an agent of its own, it finds no host. */
async function refuseLookup(host: string): Promise<never> {
  throw new Error(`A client of the test kit may not reach the network: ${host}.`);
}

/** What counts as given. */
export function withoutUndefined<T extends object>(options: T): Partial<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}
