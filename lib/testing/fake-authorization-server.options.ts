import type { JWK } from 'jose';
import type { Clock } from '../index.js';
import type { FakeExtensionGrant } from './fake-authorization-server.extension-grants.js';

/** How a client proves who it is at the token endpoint. */
export type FakeClientAuthentication =
  'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none';

/** A client registered at a `FakeAuthorizationServer`. */
export interface FakeClient {
  /** The client identifier. */
  clientId: string;
  /** Without one (and without a `key`) the client is public. */
  clientSecret?: string;
  /** The only ones accepted, compared as strings. Default: any. */
  redirectUris?: readonly string[];
  /** The only method accepted. Default: whichever the client's secret, or its key, allows. */
  authentication?: FakeClientAuthentication;
  /** `'raw'`: id and secret of a Basic header are taken as they are. Default `'form'` (RFC 6749 section 2.3.1). */
  basicEncoding?: 'form' | 'raw';
  /** Public key (PEM or JWK) for `private_key_jwt`. */
  key?: string | JWK;
  /** Values of `grant_type`, and `'implicit'`. Default: all; without `'refresh_token'` it is given none. */
  grants?: readonly string[];
  /** The only scopes it may have, and what it is given when it asks for none. Default: whatever it asks for. */
  scope?: string | readonly string[];
  /** Authorization requests without a `code_challenge` are refused. Default false. */
  requirePkce?: boolean;
}

/**
 * What becomes of a refresh token that is spent. `'strict'`: a new one replaces it, and the old one's
 * reuse revokes the whole family (RFC 9700 section 4.14). `'reuse'`: a new one each time, old ones
 * still work. `'none'`: no new one, the old one stays.
 */
export type FakeRotation = 'strict' | 'reuse' | 'none';

/** What may also be changed while the server runs, with `server.configure()`. */
export interface FakeServerPolicy {
  /** Default 3600. */
  accessTokenSeconds: number;
  /** Default: refresh tokens do not expire. */
  refreshTokenSeconds: number;
  /** Default 60. */
  codeSeconds: number;
  /** Default `'strict'`. */
  rotation: FakeRotation;
  /** With `'strict'`: how long after it was spent a refresh token still works. Default 0. */
  rotationGraceSeconds: number;
  /** The token endpoint takes GET, and parameters in its query string. Default false. */
  lenientTokenRequests: boolean;
  /** Default 600. */
  deviceCodeSeconds: number;
  /** The `interval` of RFC 8628. Default 5. */
  deviceIntervalSeconds: number;
  /** Merged into the discovery documents last; `undefined` removes a member. Default: nothing. */
  metadata: Record<string, unknown>;
}

/** The options of `FakeAuthorizationServer.start()`; all have defaults. */
export interface FakeAuthorizationServerOptions extends Partial<FakeServerPolicy> {
  /** Default 0: a free one. */
  port?: number;
  /** Default: one client, `client` with the secret `secret`, that may do everything. */
  clients?: readonly FakeClient[];
  /** The API listens on a port, and thus an origin, of its own. Default false. */
  separateApi?: boolean;
  /** A path for an issuer that has one, such as `/tenant`. Default: none. */
  issuerPath?: string;
  /** Who is at the browser when `authorize()` names nobody. Default `'alice'`. */
  user?: string;
  /** User names and passwords for the password grant. Default: any pair that is not empty. */
  passwords?: Readonly<Record<string, string>>;
  /** Issuer → public key for JWT bearer grants. Without an entry only an assertion's structure is judged. */
  assertionKeys?: Readonly<Record<string, string | JWK>>;
  /** Grants of the test's own, by `grant_type`, beside those that the server knows. */
  extensionGrants?: Readonly<Record<string, FakeExtensionGrant>>;
  /** Default `'ES256'`. */
  idTokenAlg?: 'ES256' | 'RS256';
  /** Serve https, with this key and certificate (PEM). */
  tls?: { key: string; cert: string };
  /** Where the server's time comes from, in epoch seconds. Default: the system's clock. */
  now?: () => number;
  /** The same from a clock, such as the `TestClock` of the module: both then move together. */
  clock?: Clock;
}

const DEFAULT_POLICY: FakeServerPolicy = {
  accessTokenSeconds: 3600,
  refreshTokenSeconds: Number.POSITIVE_INFINITY,
  codeSeconds: 60,
  rotation: 'strict',
  rotationGraceSeconds: 0,
  lenientTokenRequests: false,
  deviceCodeSeconds: 600,
  deviceIntervalSeconds: 5,
  metadata: {},
};

/** The client that a server has when none is given. */
export const DEFAULT_FAKE_CLIENT: FakeClient = { clientId: 'client', clientSecret: 'secret' };

/** The policy part of `options`, defaults filled in. */
export function policyOf(options: Partial<FakeServerPolicy>): FakeServerPolicy {
  const policy = { ...DEFAULT_POLICY };
  changePolicy(policy, options);
  return policy;
}

/** Sets what is given and defined, and nothing that is not policy. */
export function changePolicy(policy: FakeServerPolicy, changes: Partial<FakeServerPolicy>): void {
  const known = Object.keys(DEFAULT_POLICY);
  const given = Object.entries(changes).filter(([name, value]) => {
    return known.includes(name) && value !== undefined;
  });
  Object.assign(policy, Object.fromEntries(given));
}
