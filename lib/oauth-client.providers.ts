import type { InjectionToken, Provider } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { ExtensionExplorer } from './compliance/extension.explorer.js';
import { ConfigurationError } from './errors/configuration.errors.js';
import { OAuthClientCustomizer } from './oauth-client.customizer.js';
import { eventBus, watchEvents } from './oauth-client.events.js';
import {
  MODULE_OPTIONS,
  type AsyncOptions,
  type OAuthClientModuleOptions,
} from './oauth-client.module-definition.js';
import { getOAuthClientToken } from './oauth-client.decorator.js';
import { findOpenTelemetry } from './oauth-client.telemetry.js';
import { BackgroundWork } from './pipeline/background-work.js';
import { ChangeFeed } from './pipeline/change-feed.js';
import { systemClock } from './pipeline/clock.js';
import type { SharedParts } from './pipeline/client-parts.js';
import { EnvironmentProxies } from './pipeline/environment-proxy.js';
import { LeaseHolder } from './pipeline/lease-holder.js';
import { NearCache } from './pipeline/near-cache.js';
import { Reentrancy } from './pipeline/reentrancy.js';
import { TelemetrySwitch } from './pipeline/telemetry.js';
import { Turns } from './pipeline/turns.js';
import { WriteBack } from './pipeline/write-back.js';
import { ClientDirectory } from './session/client-directory.js';
import { SealedOptions } from './session/sealed-options.js';
import { OAuthClientRegistry } from './session/oauth-client.registry.js';
import type { OAuthClientOptions } from './session/oauth-client.options.js';
import type { OAuthSession } from './session/oauth-session.js';
import { moduleProblems } from './session/module-problems.js';
import { isObject } from './session/option-values.js';
import { BoundedTokenStore } from './store/bounded.token-store.js';
import { MemoryAuthorizationRequestStore } from './store/memory.authorization-request-store.js';
import { MemoryTokenStore } from './store/memory.token-store.js';
import { webProblems } from './web/web.problems.js';

interface OptionsFactory {
  createOAuthClientOptions(): unknown;
}

/** What the root module provides: the clients' directory and the registry. */
export const ROOT_PROVIDERS: Provider[] = [
  {
    provide: ExtensionExplorer,
    inject: [DiscoveryService, ModulesContainer],
    useFactory: (discovery: DiscoveryService, modules: ModulesContainer) =>
      new ExtensionExplorer(discovery, modules),
  },
  {
    provide: ClientDirectory,
    inject: [MODULE_OPTIONS, ExtensionExplorer, OAuthClientCustomizer],
    useFactory: (
      options: SealedOptions<OAuthClientModuleOptions>,
      extensions: ExtensionExplorer,
      customizer: OAuthClientCustomizer,
    ) => observed(createDirectory(options.open(), extensions, customizer)),
  },
  { provide: OAuthClientCustomizer, useFactory: () => new OAuthClientCustomizer() },
  {
    provide: OAuthClientRegistry,
    inject: [ClientDirectory],
    useFactory: (directory: ClientDirectory) => new OAuthClientRegistry(directory),
  },
];

/**
 * Puts together what all clients share, and declares the clients of the root. With mistakes in the
 * options nothing of them is used: the mistakes are reported at boot, with those of the clients.
 */
export function createDirectory(
  configured: OAuthClientModuleOptions | undefined,
  extensions: ExtensionExplorer,
  customizer: OAuthClientCustomizer,
): ClientDirectory {
  const given = isObject(configured) ? customizer.moduleOptions(configured) : configured;
  const problems = [...moduleProblems(given ?? {}), ...webProblems(given ?? {})];
  const { clients = {} } = given ?? {};
  const options: Partial<OAuthClientModuleOptions> = problems.length > 0 ? {} : (given ?? {});
  const { http, transport, refresh, authorizationRequestStore } = options;
  const directory = new ClientDirectory(
    sharedParts(options),
    authorizationRequestStore ?? new MemoryAuthorizationRequestStore(),
    { ...(http && { http }), ...(transport && { transport }), ...(refresh && { refresh }) },
    extensions,
    customizer,
    options.registrations,
  );
  watchEvents(directory.shared, extensions, options.logging);
  for (const problem of problems) directory.report(problem);
  for (const [name, client] of Object.entries(clients ?? {})) directory.declare(name, client);
  return directory;
}

/** Waits for telemetry, where there is some, so that the first token request is seen, too. */
async function observed(directory: ClientDirectory): Promise<ClientDirectory> {
  await directory.shared.telemetry.look();
  return directory;
}

/** The session of a client that the root, or another feature, configures. */
export function sessionProvider(name: string): Provider {
  return fromDirectory(name, (directory) => directory.session(name));
}

/** The session of a client that is configured here. */
export function declaredProvider(name: string, options: OAuthClientOptions): Provider {
  return fromDirectory(name, (directory) => directory.declare(name, options));
}

/** The session of a client whose options another provider makes. */
export function declaredAsyncProvider(name: string, options: InjectionToken): Provider {
  return {
    provide: getOAuthClientToken(name),
    inject: [{ token: ClientDirectory, optional: true }, options],
    useFactory: (
      directory: ClientDirectory | undefined,
      client: SealedOptions<OAuthClientOptions>,
    ) => demandRoot(name, directory).declare(name, client.open()),
  };
}

/** The provider of options that come from a factory, a class or an existing provider. */
export function optionsProviders(
  provide: InjectionToken,
  options: AsyncOptions<unknown, OptionsFactory>,
): Provider[] {
  const { useFactory, useClass, useExisting, inject = [] } = options;
  if (useFactory) {
    const sealed = async (...injected: unknown[]) =>
      new SealedOptions(await useFactory(...injected));
    return [{ provide, useFactory: sealed, inject }];
  }
  const factory = useExisting ?? useClass;
  if (factory === undefined) {
    throw new ConfigurationError({
      problem: 'The async options name no source.',
      remedy: 'Set useFactory, useClass or useExisting.',
    });
  }
  return [
    {
      provide,
      inject: [factory],
      useFactory: async (made: OptionsFactory) =>
        new SealedOptions(await made.createOAuthClientOptions()),
    },
    ...(useClass && !useExisting ? [useClass] : []),
  ];
}

/** One list for all clients: there may be thousands. */
const OPTIONAL_DIRECTORY = [{ token: ClientDirectory, optional: true }];

function fromDirectory(name: string, use: (directory: ClientDirectory) => OAuthSession): Provider {
  return {
    provide: getOAuthClientToken(name),
    inject: OPTIONAL_DIRECTORY,
    useFactory: (directory?: ClientDirectory) => use(demandRoot(name, directory)),
  };
}

function demandRoot(client: string, directory: ClientDirectory | undefined): ClientDirectory {
  if (directory) return directory;
  throw new ConfigurationError({
    client,
    problem: 'forFeature was imported without a root.',
    remedy: 'Import OAuthClientModule.forRoot() or forRootAsync() once, in the root module.',
  });
}

function sharedParts(options: Partial<OAuthClientModuleOptions>): SharedParts {
  const { clock = systemClock, cache: cacheOptions = {}, telemetry = true } = options;
  const { store: given = new MemoryTokenStore() } = options;
  const store = given instanceof MemoryTokenStore ? given : new BoundedTokenStore(given);
  const work = new BackgroundWork();
  const cache = new NearCache(cacheOptions, clock);
  const feed = new ChangeFeed(store, cache);
  return {
    clock,
    store,
    cache,
    feed,
    work,
    leases: new LeaseHolder(store, feed),
    writeBack: new WriteBack(work),
    events: eventBus(),
    reentrancy: new Reentrancy(),
    telemetry: new TelemetrySwitch(telemetry ? findOpenTelemetry : undefined),
    proxies: new EnvironmentProxies(),
    turns: new Turns(),
  };
}
