import type { AxiosAdapter, AxiosInstance } from 'axios';
import { ComplianceHooks } from '../compliance/compliance.hooks.js';
import type { ExtensionExplorer, ExtensionTarget } from '../compliance/extension.explorer.js';
import { RefreshInterceptors } from '../compliance/refresh.interceptor.js';
import { TokenUpdatedHandlers } from '../compliance/token-updated.handlers.js';
import { AnsweredIdentities } from '../pipeline/answered-identities.js';
import { AuthorizedAdapter } from '../pipeline/authorized.adapter.js';
import type { ClientParts, SharedParts } from '../pipeline/client-parts.js';
import { ClientRest } from '../pipeline/client-rest.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { EndpointCaller } from '../pipeline/endpoint-caller.js';
import { FlightDeck } from '../pipeline/flight.js';
import { IdTokens } from '../pipeline/id-tokens.js';
import { IntrospectionEndpoint } from '../pipeline/introspection-endpoint.js';
import { MetadataCheck } from '../pipeline/metadata-check.js';
import { grantsOf } from '../pipeline/registered-grants.js';
import { RevocationEndpoint } from '../pipeline/revocation-endpoint.js';
import { ServerConnection } from '../pipeline/server-connection.js';
import { ServerKeys } from '../pipeline/server-keys.js';
import { ServerMetadata } from '../pipeline/server-metadata.js';
import { Slots } from '../pipeline/slots.js';
import { TokenEndpoint } from '../pipeline/token-endpoint.js';
import { TokenSource } from '../pipeline/token-source.js';
import { UnwantedTokens } from '../pipeline/unwanted-tokens.js';
import { UserinfoEndpoint } from '../pipeline/userinfo-endpoint.js';
import { ConnectionSource } from '../pipeline/transport.js';
import type { AuthorizationRequestStore } from '../store/authorization-request-store.js';
import { AuthorizationFlow } from './authorization-flow.js';
import { LogoutFlow } from './logout-flow.js';
import { TokenExchange } from './token-exchange.js';
import { sessionInstance } from './session-axios.js';

/** One client at work: all that its sessions share. */
export interface ClientRuntime {
  readonly settings: ClientSettings;
  readonly parts: ClientParts;
  readonly source: TokenSource;
  readonly flow: AuthorizationFlow;
  readonly logout: LogoutFlow;
  readonly exchange: TokenExchange;
  readonly instance: AxiosInstance;
  /** Sends a request of {@link ClientRuntime.instance}. */
  readonly adapter: AxiosAdapter;
  /**
   * Finds no more hooks and keeps no connection open; what is under way goes on, and new work is
   * possible still.
   */
  retire(): void;
  readonly metadataCheck: MetadataCheck;
  /** Waits for renewals under way; no other is begun. */
  close(): Promise<void>;
}

/**
 * Puts one client's pipeline together.
 *
 * @param outer - What its axios instance sends through, where that is not its own adapter.
 */
export function createClientRuntime(
  settings: ClientSettings,
  shared: SharedParts,
  requests: AuthorizationRequestStore,
  extensions: ExtensionExplorer,
  outer?: AxiosAdapter,
): ClientRuntime {
  const { clock, work, reentrancy } = shared;
  shared.telemetry.client(settings.name);
  const target = extensionTarget(settings);
  extensions.add(target);
  const { hooks } = target;
  const { name, transport, refresh } = settings;
  const source = new ConnectionSource(name, transport, refresh.timeoutMs, shared.proxies);
  const connection = new ServerConnection(source, settings);
  const metadata = new ServerMetadata(settings, connection, clock, work);
  const keys = new ServerKeys(name, { metadata, connection, clock, work });
  const idTokens = new IdTokens(settings, { metadata, keys, clock });
  const endpointParts = { settings, connection, metadata, hooks, clock, reentrancy, idTokens };
  const caller = new EndpointCaller(endpointParts);
  const revocation = new RevocationEndpoint(settings, { ...shared, metadata, caller });
  const unwanted = new UnwantedTokens({ ...shared, revocation });
  const identities = new AnsweredIdentities({ ...shared, settings, metadata, idTokens, unwanted });
  const { registration } = settings;
  const parts: ClientParts = {
    ...shared,
    ...(registration !== undefined && grantsOf(registration, shared)),
    ...target,
    settings,
    metadata,
    caller,
    refreshExtensions: () => extensions.refresh(),
    endpoint: new TokenEndpoint({ ...endpointParts, identities }),
    revocation,
    unwanted,
    introspection: new IntrospectionEndpoint(settings, caller),
    userinfo: new UserinfoEndpoint({ connection, metadata, idTokens }),
    idTokens,
    slots: new Slots(settings.name, settings.refresh.concurrency),
    rest: new ClientRest(settings, { clock, source, events: shared.events }),
  };
  const tokens = new TokenSource(parts);
  const exchange = new TokenExchange(parts, tokens);
  const { adapter: transportAdapter, ...http } = settings.http;
  const deck = new FlightDeck(source, transportAdapter, settings.guard);
  const { adapter } = new AuthorizedAdapter({ ...parts, source: tokens, deck });
  const { timeout } = settings.transport;
  const defaults = {
    ...(timeout !== undefined && { timeout }),
    ...http,
    ...(typeof settings.baseURL === 'string' && { baseURL: settings.baseURL }),
  };
  return {
    settings,
    parts,
    source: tokens,
    flow: new AuthorizationFlow(parts, requests),
    logout: new LogoutFlow(parts, requests),
    exchange,
    close: async () => {
      exchange.close();
      extensions.remove(target);
      await tokens.close();
    },
    adapter,
    retire: () => {
      extensions.remove(target);
      settings.guard?.retire();
      source.retire();
    },
    instance: sessionInstance(settings.name, defaults, outer ?? adapter),
    metadataCheck: new MetadataCheck(settings, connection, shared),
  };
}

function extensionTarget({ name, provider, fixes }: ClientSettings): ExtensionTarget {
  return {
    name,
    provider,
    fixes,
    hooks: new ComplianceHooks(name),
    handlers: new TokenUpdatedHandlers(),
    interceptors: new RefreshInterceptors(),
  };
}
