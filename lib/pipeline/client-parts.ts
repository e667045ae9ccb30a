import type { ComplianceHooks } from '../compliance/compliance.hooks.js';
import type { RefreshInterceptors } from '../compliance/refresh.interceptor.js';
import type { TokenUpdatedHandlers } from '../compliance/token-updated.handlers.js';
import type { TokenStore } from '../store/token-store.js';
import type { BackgroundWork } from './background-work.js';
import type { ChangeFeed } from './change-feed.js';
import type { ClientRest } from './client-rest.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { EnvironmentProxies } from './environment-proxy.js';
import type { EndpointCaller } from './endpoint-caller.js';
import type { IdTokens } from './id-tokens.js';
import type { IntrospectionEndpoint } from './introspection-endpoint.js';
import type { LeaseHolder } from './lease-holder.js';
import type { NearCache } from './near-cache.js';
import type { GrantParts } from './registered-grants.js';
import type { Reentrancy } from './reentrancy.js';
import type { RevocationEndpoint } from './revocation-endpoint.js';
import type { ServerMetadata } from './server-metadata.js';
import type { Slots } from './slots.js';
import type { TelemetrySwitch } from './telemetry.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { TokenEventBus } from './token-events.js';
import type { Turns } from './turns.js';
import type { UnwantedTokens } from './unwanted-tokens.js';
import type { UserinfoEndpoint } from './userinfo-endpoint.js';
import type { WriteBack } from './write-back.js';

/** What all clients of one application share. */
export interface SharedParts {
  readonly clock: Clock;
  readonly store: TokenStore;
  readonly cache: NearCache;
  readonly feed: ChangeFeed;
  readonly leases: LeaseHolder;
  readonly writeBack: WriteBack;
  readonly events: TokenEventBus;
  readonly work: BackgroundWork;
  readonly reentrancy: Reentrancy;
  readonly telemetry: TelemetrySwitch;
  readonly proxies: EnvironmentProxies;
  readonly turns: Turns;
}

/** What the stages of one client's pipeline work with. */
export interface ClientParts extends Omit<SharedParts, keyof GrantParts>, GrantParts {
  readonly settings: ClientSettings;
  readonly hooks: ComplianceHooks;
  readonly handlers: TokenUpdatedHandlers;
  readonly metadata: ServerMetadata;
  readonly endpoint: TokenEndpoint;
  readonly caller: EndpointCaller;
  readonly revocation: RevocationEndpoint;
  readonly unwanted: UnwantedTokens;
  readonly introspection: IntrospectionEndpoint;
  readonly userinfo: UserinfoEndpoint;
  readonly idTokens: IdTokens;
  readonly interceptors: RefreshInterceptors;
  /** Looks for hooks of modules that were loaded since; called before they are needed. */
  readonly refreshExtensions: () => void;
  readonly slots: Slots;
  readonly rest: ClientRest;
}
