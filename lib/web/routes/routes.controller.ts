import {
  Controller,
  Get,
  Param,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { DEFAULT_PATH } from '../route-paths.js';
import { OAuthExceptionFilter } from '../oauth-exception.filter.js';
import type { OAuthRoutesOptions, WebRequest } from '../web.options.js';
import { RoutesGuard, RoutesInterceptor } from './routes.enhancers.js';
import { OAuthRoutes } from './routes.service.js';

/** The methods of the controller, and what each is mounted as. */
const ROUTES = {
  authorize: Get(':client/authorize'),
  callback: Get(':client/callback'),
  postedCallback: Post(':client/callback'),
  disconnect: Post(':client/disconnect'),
  connections: Get('connections'),
} as const;

/**
 * Makes the controller of one module: where it is mounted, and whether, is known once the module's
 * options are, which is before Nest looks at routes, and after it looks at classes.
 */
export function routesController(): Type {
  @Controller([])
  @UseGuards(RoutesGuard)
  @UseInterceptors(RoutesInterceptor)
  @UseFilters(OAuthExceptionFilter)
  class OAuthRoutesController {
    readonly #routes: OAuthRoutes;

    constructor(routes: OAuthRoutes) {
      this.#routes = routes;
    }

    authorize(@Req() request: WebRequest, @Res() response: unknown, @Param('client') name: string) {
      return this.#routes.authorize(request, response, name);
    }

    callback(@Req() request: WebRequest, @Res() response: unknown, @Param('client') name: string) {
      return this.#routes.callback(request, response, name);
    }

    postedCallback(
      @Req() request: WebRequest,
      @Res() response: unknown,
      @Param('client') name: string,
    ) {
      return this.#routes.postedCallback(request, response, name);
    }

    disconnect(
      @Req() request: WebRequest,
      @Res() response: unknown,
      @Param('client') name: string,
    ) {
      return this.#routes.disconnect(request, response, name);
    }

    connections(@Req() request: WebRequest, @Res() response: unknown) {
      return this.#routes.connections(request, response);
    }
  }
  return OAuthRoutesController;
}

/** Mounts a controller of {@link routesController}; without options it has no routes. */
export function mountRoutes(controller: Type, routes: OAuthRoutesOptions | undefined): void {
  // An empty list of paths: such a controller is mounted nowhere, and no log line tells of it.
  const path = routes ? (routes.path ?? DEFAULT_PATH) : [];
  Controller({ path, version: VERSION_NEUTRAL })(controller);
  const prototype = controller.prototype as object;
  for (const [name, decorate] of Object.entries(ROUTES)) {
    decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!);
  }
}
