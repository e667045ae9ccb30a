import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getOAuthClientToken } from './oauth-client.decorator.js';
import { OAuthClientLifecycle } from './oauth-client.lifecycle.js';
import {
  MODULE_OPTIONS,
  type OAuthClientFeatureAsyncOptions,
  type OAuthClientModuleAsyncOptions,
  type OAuthClientModuleOptions,
} from './oauth-client.module-definition.js';
import {
  declaredAsyncProvider,
  declaredProvider,
  optionsProviders,
  ROOT_PROVIDERS,
  sessionProvider,
} from './oauth-client.providers.js';
import { routesProviders } from './oauth-client.routes.js';
import { WEB_EXPORTS, WEB_PROVIDERS } from './oauth-client.web.js';
import { ClientDirectory } from './session/client-directory.js';
import type { OAuthClientOptions } from './session/oauth-client.options.js';
import { SealedOptions } from './session/sealed-options.js';
import { OAuthClientRegistry } from './session/oauth-client.registry.js';
import { routesController } from './web/routes/routes.controller.js';

/**
 * Registers named OAuth sessions. `forRoot` (or `forRootAsync`) once, for the store and the clients
 * that the whole application shares; `forFeature` where a module brings, or needs, clients of its
 * own. Options are judged at boot, all mistakes in one `ConfigurationError`.
 */
@Module({})
export class OAuthClientModule {
  /**
   * Makes every client in `options.clients` injectable everywhere, beside `OAuthClientRegistry`.
   *
   * @example
   * ```ts
   * OAuthClientModule.forRoot({
   *   clients: { billing: { issuer, clientId, clientSecret, grant: 'client_credentials', baseURL } },
   * });
   * ```
   */
  static forRoot(options: OAuthClientModuleOptions): DynamicModule {
    // A caller without types may pass nothing: that is reported at boot, with every other mistake.
    const names = Object.keys((options as OAuthClientModuleOptions | undefined)?.clients ?? {});
    return root(names, [{ provide: MODULE_OPTIONS, useValue: new SealedOptions(options) }], []);
  }

  /**
   * As {@link OAuthClientModule.forRoot}, with options that other providers make; `names` are
   * injectable.
   *
   * @example
   * ```ts
   * OAuthClientModule.forRootAsync({ names: ['github'], ...oauthConfig.asProvider() });
   * ```
   */
  static forRootAsync(options: OAuthClientModuleAsyncOptions): DynamicModule {
    const { names = [], imports = [] } = options;
    return root(names, optionsProviders(MODULE_OPTIONS, options), imports);
  }

  /**
   * Makes clients injectable in the importing module: configured right here, or, given as a list
   * of names, configured by the root or by another feature.
   */
  static forFeature(
    clients: Record<string, OAuthClientOptions> | readonly string[],
  ): DynamicModule {
    const providers = Array.isArray(clients)
      ? (clients as readonly string[]).map((name) => sessionProvider(name))
      : Object.entries(clients as Record<string, OAuthClientOptions>).map(([name, options]) =>
          declaredProvider(name, options),
        );
    const names = Array.isArray(clients) ? (clients as readonly string[]) : Object.keys(clients);
    return { module: OAuthClientModule, providers, exports: names.map(getOAuthClientToken) };
  }

  /** As {@link OAuthClientModule.forFeature}, with options that other providers make. */
  static forFeatureAsync(...clients: OAuthClientFeatureAsyncOptions[]): DynamicModule {
    const providers = clients.flatMap((client) => {
      const options = `OAuthClientOptions(${client.name})`;
      return [...optionsProviders(options, client), declaredAsyncProvider(client.name, options)];
    });
    return {
      module: OAuthClientModule,
      imports: clients.flatMap(({ imports = [] }) => imports),
      providers,
      exports: clients.map(({ name }) => getOAuthClientToken(name)),
    };
  }
}

function root(
  names: readonly string[],
  options: DynamicModule['providers'] & object,
  imports: DynamicModule['imports'] & object,
): DynamicModule {
  const controller = routesController();
  return {
    module: OAuthClientModule,
    global: true,
    controllers: [controller],
    imports: [DiscoveryModule, ...imports],
    providers: [
      ...options,
      ...ROOT_PROVIDERS,
      ...WEB_PROVIDERS,
      ...routesProviders(controller),
      OAuthClientLifecycle,
      ...names.map(sessionProvider),
    ],
    exports: [
      ClientDirectory,
      OAuthClientRegistry,
      ...WEB_EXPORTS,
      ...names.map(getOAuthClientToken),
    ],
  };
}
