import {
  ForbiddenException,
  Injectable,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  catchError,
  defer,
  from,
  isObservable,
  lastValueFrom,
  mergeMap,
  throwError,
  type Observable,
} from 'rxjs';
import type { WebRequest } from '../web.options.js';
import { isRelayed } from './form-post.page.js';
import { FORBIDDEN, ofRoutes } from './refusal.filter.js';
import { PRIVATE_HEADERS } from './reply.js';
import { RequestView } from './request.view.js';
import { RoutesParts } from './routes.parts.js';

/** The method of the controller that takes a callback as a form. */
export const POSTED_CALLBACK = 'postedCallback';

/** Runs the guards that the module's options name: they are known when classes are long looked at. */
@Injectable()
export class RoutesGuard implements CanActivate {
  readonly #parts: RoutesParts;
  readonly #adapters: HttpAdapterHost;

  constructor(parts: RoutesParts, adapters: HttpAdapterHost) {
    this.#parts = parts;
    this.#adapters = adapters;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    // Before anything can fail: a refusal is as private as what it refuses.
    for (const [name, value] of Object.entries(PRIVATE_HEADERS)) {
      this.#adapters.httpAdapter.setHeader(http.getResponse<unknown>(), name, value);
    }
    try {
      if (await isToBeRelayed(context)) return true;
      for (const guard of await this.#parts.guards(http.getRequest<object>())) {
        const answer = guard.canActivate(context);
        const isIn = await (isObservable(answer) ? lastValueFrom(answer) : answer);
        if (!isIn) throw new ForbiddenException(FORBIDDEN);
      }
    } catch (error) {
      throw ofRoutes(error);
    }
    return true;
  }
}

/**
 * Whether it is the authorization server's page that posts: the browser sends no cookie then by
 * which a guard could tell who it is, and gets a page that posts once more, to be judged by them.
 */
async function isToBeRelayed(context: ExecutionContext): Promise<boolean> {
  if (context.getHandler().name !== POSTED_CALLBACK) return false;
  const view = new RequestView(context.switchToHttp().getRequest<WebRequest>());
  return !isRelayed(await view.form());
}

/** Runs the interceptors that the module's options name, the first one outermost. */
@Injectable()
export class RoutesInterceptor implements NestInterceptor {
  readonly #parts: RoutesParts;

  constructor(parts: RoutesParts) {
    this.#parts = parts;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<object>();
    const chain = (await this.#parts.interceptors(request)).reduceRight<CallHandler<unknown>>(
      (inner, interceptor) => ({
        handle: () =>
          defer(() => from(Promise.resolve(interceptor.intercept(context, inner)))).pipe(
            mergeMap((answer) => answer),
          ),
      }),
      next,
    );
    return chain.handle().pipe(catchError((error: unknown) => throwError(() => ofRoutes(error))));
  }
}
