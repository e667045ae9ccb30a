import type { Provider } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { MODULE_OPTIONS, type OAuthClientModuleOptions } from './oauth-client.module-definition.js';
import { isObject } from './session/option-values.js';
import { OAuthClientRegistry } from './session/oauth-client.registry.js';
import type { SealedOptions } from './session/sealed-options.js';
import { AuthorizeAddress } from './web/authorize-address.js';
import { OAuthExceptionFilter } from './web/oauth-exception.filter.js';
import { RoutePaths } from './web/route-paths.js';
import { WebContext } from './web/web.context.js';
import type { OAuthWebOptions } from './web/web.options.js';
import { webProblems } from './web/web.problems.js';

/** What the module provides for requests of the application's own users. */
export const WEB_PROVIDERS: Provider[] = [
  {
    provide: WebContext,
    inject: [MODULE_OPTIONS, OAuthClientRegistry],
    useFactory: (
      options: SealedOptions<OAuthClientModuleOptions | undefined>,
      registry: OAuthClientRegistry,
    ) => new WebContext(webOptions(options.open()), registry),
  },
  {
    provide: AuthorizeAddress,
    inject: [WebContext, ApplicationConfig, ModulesContainer],
    useFactory: (web: WebContext, config: ApplicationConfig, modules: ModulesContainer) => {
      const paths = new RoutePaths(web.options.routes, config, modules, WebContext);
      return new AuthorizeAddress(web, paths);
    },
  },
  OAuthExceptionFilter,
];

/** What decorators, guards and filters inject in the modules of the application. */
export const WEB_EXPORTS = [WebContext, AuthorizeAddress, OAuthExceptionFilter];

/** None of them, where some are mistaken: that is reported at boot. */
function webOptions(given: OAuthClientModuleOptions | undefined): OAuthWebOptions {
  if (!isObject(given) || webProblems(given).length > 0) return {};
  const { routes } = given;
  const whose = given.subject ? given : routes;
  return {
    ...(routes && { routes }),
    ...(whose?.subject && { subject: (request) => whose.subject?.(request) }),
    ...(given.requestOf && { requestOf: (context) => given.requestOf!(context) }),
  };
}
