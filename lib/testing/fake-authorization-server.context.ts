import type { ProviderAct } from './fake-authorization-server.act.js';
import { FakeServerClock } from './fake-authorization-server.clock.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import { DEFAULT_FAKE_CLIENT, policyOf } from './fake-authorization-server.options.js';
import type {
  FakeAuthorizationServerOptions,
  FakeClient,
  FakeServerPolicy,
} from './fake-authorization-server.options.js';
import { IdTokenSigner } from './fake-authorization-server.signer.js';
import { TokenLedger } from './fake-authorization-server.tokens.js';

/** An authorization code, and what its exchange has to match. */
export interface AuthorizationCode {
  readonly value: string;
  readonly client: string;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  /** As the authorization request named it; undefined if it named none. */
  readonly redirectUri?: string;
  readonly challenge?: { value: string; method: 'S256' | 'plain' };
  readonly nonce?: string;
  readonly expiresAt: number;
  /** The family that its exchange opened. */
  family?: string;
}

/** A device authorization (RFC 8628) on its way. */
export interface DeviceAuthorization {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly client: string;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly expiresAt: number;
  intervalSeconds: number;
  polledAt?: number;
  decision?: { subject: string } | 'denied';
}

/** Where the endpoints are. */
export interface FakeServerUrls {
  readonly origin: string;
  readonly issuer: string;
  readonly apiOrigin: string;
}

/** What the endpoints of one server share. */
export interface FakeServerContext {
  readonly options: FakeAuthorizationServerOptions;
  readonly policy: FakeServerPolicy;
  readonly clients: Map<string, FakeClient>;
  readonly clock: FakeServerClock;
  readonly tokens: TokenLedger;
  readonly signer: IdTokenSigner;
  readonly codes: Map<string, AuthorizationCode>;
  readonly devices: Map<string, DeviceAuthorization>;
  /** `jti` of the client assertions seen. */
  readonly assertions: Set<string>;
  readonly urls: FakeServerUrls;
  user: string;
  /** The provider that the server acts like, if any. */
  act?: ProviderAct;
}

/** One endpoint's normal behaviour; a `FakeProtocolError` thrown is its answer, too. */
export type FakeHandler = (
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
) => FakeResponse;

/** The address of an endpoint that belongs to the authorization server. */
export function endpointUrl(server: FakeServerContext, path: string): string {
  return `${server.urls.issuer}${path}`;
}

/** The state of a server that has just started. */
export function newContext(
  options: FakeAuthorizationServerOptions,
  urls: FakeServerContext['urls'],
): FakeServerContext {
  const { clock: source, now = source && (() => source.now() / 1000) } = options;
  const clock = new FakeServerClock(now);
  const policy = policyOf(options);
  const clients = options.clients ?? [DEFAULT_FAKE_CLIENT];
  return {
    options,
    policy,
    urls,
    clock,
    clients: new Map(clients.map((client) => [client.clientId, client])),
    tokens: new TokenLedger(clock, policy),
    signer: new IdTokenSigner(options.idTokenAlg ?? 'ES256'),
    codes: new Map(),
    devices: new Map(),
    assertions: new Set(),
    user: options.user ?? 'alice',
  };
}
