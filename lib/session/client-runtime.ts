import type { AxiosInstance } from 'axios';
import { ComplianceHooks } from '../compliance/compliance.hooks.js';
import { TokenUpdatedHandlers } from '../compliance/token-updated.handlers.js';
import { AuthorizedAdapter } from '../pipeline/authorized.adapter.js';
import type { ClientParts, SharedParts } from '../pipeline/client-parts.js';
import { ClientRest } from '../pipeline/client-rest.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { FlightDeck } from '../pipeline/flight.js';
import { RevocationEndpoint } from '../pipeline/revocation-endpoint.js';
import { ServerConnection } from '../pipeline/server-connection.js';
import { ServerMetadata } from '../pipeline/server-metadata.js';
import { Slots } from '../pipeline/slots.js';
import { TokenEndpoint } from '../pipeline/token-endpoint.js';
import { TokenSource } from '../pipeline/token-source.js';
import { connectionOf } from '../pipeline/transport.js';
import type { AuthorizationRequestStore } from '../store/authorization-request-store.js';
import { AuthorizationFlow } from './authorization-flow.js';
import { sessionInstance } from './session-axios.js';

/** One client at work: all that its sessions share. */
export interface ClientRuntime {
  readonly settings: ClientSettings;
  readonly parts: ClientParts;
  readonly source: TokenSource;
  readonly flow: AuthorizationFlow;
  readonly instance: AxiosInstance;
}

/** Puts one client's pipeline together. */
export function createClientRuntime(
  settings: ClientSettings,
  shared: SharedParts,
  requests: AuthorizationRequestStore,
): ClientRuntime {
  const { clock, work } = shared;
  const hooks = new ComplianceHooks(settings.name);
  const connection = connectionOf(settings.transport);
  const server = new ServerConnection(connection, settings.refresh.timeoutMs);
  const metadata = new ServerMetadata(settings, server, clock, work);
  const { reentrancy } = shared;
  const parts: ClientParts = {
    ...shared,
    settings,
    hooks,
    handlers: new TokenUpdatedHandlers(),
    metadata,
    endpoint: new TokenEndpoint({
      settings,
      connection: server,
      metadata,
      hooks,
      clock,
      reentrancy,
    }),
    revocation: new RevocationEndpoint(settings, server, metadata, hooks),
    slots: new Slots(settings.name, settings.refresh.concurrency),
    rest: new ClientRest(settings, clock),
  };
  const source = new TokenSource(parts);
  const { adapter: transportAdapter, ...http } = settings.http;
  const deck = new FlightDeck(connection, transportAdapter);
  const { adapter } = new AuthorizedAdapter({ settings, source, hooks, reentrancy, deck });
  const { timeout } = settings.transport;
  const defaults = {
    ...(timeout !== undefined && { timeout }),
    ...http,
    ...(typeof settings.baseURL === 'string' && { baseURL: settings.baseURL }),
  };
  return {
    settings,
    parts,
    source,
    flow: new AuthorizationFlow(parts, source, requests),
    instance: sessionInstance(settings.name, defaults, adapter),
  };
}
