import type { FactoryProvider, InjectionToken, ModuleMetadata, Type } from '@nestjs/common';
import type { EventLoggingOptions } from './oauth-client.event-log.js';
import type { Clock } from './pipeline/clock.js';
import type { NearCacheOptions } from './pipeline/near-cache.js';
import type { ClientRegistrationsOptions } from './session/client-registration.repository.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './session/oauth-client.options.js';
import type { AuthorizationRequestStore } from './store/authorization-request-store.js';
import type { TokenStore } from './store/token-store.js';
import type { OAuthWebOptions } from './web/web.options.js';

/** The options of the module: its clients, and what they share. */
export interface OAuthClientModuleOptions extends OAuthClientDefaults, OAuthWebOptions {
  /** The clients, by the names they are injected by. */
  clients: Record<string, OAuthClientOptions>;
  /** Where tokens are kept; in the memory of this process when left out. */
  store?: TokenStore;
  /** Where pending authorization requests are kept; in memory when left out. */
  authorizationRequestStore?: AuthorizationRequestStore;
  /** Bounds of the near cache; `false` reads the store at every call. */
  cache?: false | NearCacheOptions;
  /**
   * What is logged of events: a line for each, by Nest's logger; `false` logs none of them.
   * See {@link EventLoggingOptions}.
   */
  logging?: false | EventLoggingOptions;
  /**
   * Clients whose options the application keeps elsewhere, such as those of its tenants:
   * `OAuthClientRegistry.resolve()` loads them by name.
   */
  registrations?: ClientRegistrationsOptions;
  /** Tells the time; for tests. */
  clock?: Clock;
  /**
   * `false` makes no traces and metrics, even where an OpenTelemetry SDK is registered in the
   * process. Without one nothing is loaded or made anyway.
   *
   * @defaultValue `true`
   */
  telemetry?: boolean;
}

/** Makes the options of the module; what `useClass` and `useExisting` name. */
export interface OAuthClientOptionsFactory {
  /** The options, or a promise of them. */
  createOAuthClientOptions(): OAuthClientModuleOptions | Promise<OAuthClientModuleOptions>;
}

/** Options that come from other providers, such as a config module. */
export interface AsyncOptions<T, Factory> extends Pick<ModuleMetadata, 'imports'> {
  /** Makes the options from what is injected. */
  // As in Nest itself: a factory's parameters are what `inject` names, of whatever type.
  // oxlint-disable-next-line typescript/no-explicit-any
  useFactory?: (...injected: any[]) => T | Promise<T>;
  /** What {@link AsyncOptions.useFactory} is given. */
  inject?: FactoryProvider['inject'];
  /** A class that makes the options, made for this. */
  useClass?: Type<Factory>;
  /** A provider that exists elsewhere and makes the options. */
  useExisting?: InjectionToken;
}

/**
 * The options of a client as TypeScript infers them of a function's result, such as the one that
 * `registerAs` of `@nestjs/config` is given: where one of a few words stands, it sees any text.
 * The words are judged at boot, like all options.
 */
export interface InferredClientOptions extends Omit<
  OAuthClientOptions,
  'grant' | 'pkce' | 'clientAuthentication'
> {
  /** See {@link OAuthClientOptions.grant}. */
  grant?: string;
  /** See {@link OAuthClientOptions.pkce}. */
  pkce?: string | false;
  /** See {@link OAuthClientOptions.clientAuthentication}. */
  clientAuthentication?: { method: string };
}

/** The options of the module, with clients as in {@link InferredClientOptions}. */
export interface InferredModuleOptions extends Omit<OAuthClientModuleOptions, 'clients'> {
  /** See {@link OAuthClientModuleOptions.clients}. */
  clients: Record<string, InferredClientOptions>;
}

/** The options of `forRootAsync`. */
export interface OAuthClientModuleAsyncOptions extends AsyncOptions<
  OAuthClientModuleOptions | InferredModuleOptions,
  OAuthClientOptionsFactory
> {
  /**
   * The names to inject by, since these must be known before any factory runs. A client that is
   * not named here is injectable where `forFeature(['…'])` names it, and through the registry.
   */
  names?: readonly string[];
}

/** Makes the options of one client; what `useClass` and `useExisting` of a feature name. */
export interface OAuthClientFeatureOptionsFactory {
  /** The options, or a promise of them. */
  createOAuthClientOptions(): OAuthClientOptions | Promise<OAuthClientOptions>;
}

/** One client of `forFeatureAsync`. */
export interface OAuthClientFeatureAsyncOptions extends AsyncOptions<
  OAuthClientOptions | InferredClientOptions,
  OAuthClientFeatureOptionsFactory
> {
  /** The name to inject by. */
  name: string;
}

/** The module's options, as they are injected. */
export const MODULE_OPTIONS = Symbol('OAuthClientModuleOptions');
