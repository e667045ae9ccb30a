import type { Provider, Type } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { ClientDirectory } from './session/client-directory.js';
import { AuthorizeAddress } from './web/authorize-address.js';
import { RoutesConnectAddresses } from './web/connect.addresses.js';
import { RefusalFilter } from './web/routes/refusal.filter.js';
import { mountRoutes } from './web/routes/routes.controller.js';
import { RoutesParts } from './web/routes/routes.parts.js';
import { OAuthRoutes } from './web/routes/routes.service.js';
import { SignInHandlers } from './web/sign-in.handlers.js';
import { WebContext } from './web/web.context.js';
import { unknownClients } from './web/web.problems.js';

/** What the routes of the module are made of. */
export function routesProviders(controller: Type): Provider[] {
  return [
    {
      provide: SignInHandlers,
      inject: [DiscoveryService, ModulesContainer],
      useFactory: (discovery: DiscoveryService, modules: ModulesContainer) =>
        new SignInHandlers(discovery, modules),
    },
    {
      provide: RoutesParts,
      inject: [ModuleRef, WebContext],
      useFactory: (modules: ModuleRef, { options }: WebContext) =>
        new RoutesParts(modules, options.routes),
    },
    {
      provide: OAuthRoutes,
      inject: [
        WebContext,
        ClientDirectory,
        SignInHandlers,
        AuthorizeAddress,
        HttpAdapterHost,
        ApplicationConfig,
      ],
      // Made before Nest resolves routes: the controller depends on it.
      useFactory: (
        web: WebContext,
        directory: ClientDirectory,
        handlers: SignInHandlers,
        address: AuthorizeAddress,
        adapters: HttpAdapterHost,
        config: ApplicationConfig,
      ) => {
        mountRoutes(controller, web.options.routes);
        // Now, before those of the application: Nest asks the last one first.
        if (web.options.routes) config.addGlobalFilter(new RefusalFilter(adapters));
        directory.connectUrls.use(new RoutesConnectAddresses(web, address, directory));
        judgeAtBoot(web, directory, handlers);
        return new OAuthRoutes(web, directory, handlers, adapters, address.paths);
      },
    },
  ];
}

/** Which clients there are is known once every module has declared its own. */
function judgeAtBoot(
  { options: { routes } }: WebContext,
  directory: ClientDirectory,
  handlers: SignInHandlers,
): void {
  const isFit = (client: string, also: (shared: boolean) => boolean) => {
    if (!directory.has(client)) return directory.registered !== undefined;
    const { grant, shared } = directory.runtime(client).settings;
    return grant === 'authorization_code' && also(shared);
  };
  const takesPart = (client: string) =>
    routes !== undefined &&
    (routes.clients ?? [client]).includes(client) &&
    isFit(client, (shared) => !shared);
  directory.judgeAtBoot(() => [
    ...(routes ? unknownClients(routes, (client) => isFit(client, () => true)) : []),
    ...handlers.problems(takesPart),
  ]);
}
