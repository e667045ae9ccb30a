import type { CanActivate, ExecutionContext, NestInterceptor, Type } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';

/** A request of a browser, as Express or Fastify hands it over. */
export interface WebRequest {
  /** Its headers. */
  readonly headers: IncomingHttpHeaders;
  // What middleware adds (`user`, `session`) is of whatever type the application gives it.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly [added: string]: any;
}

/** What a subject function answers: who is signed in, or that nobody is. */
export type WebSubject = string | null | undefined;

/**
 * The routes by which users connect their accounts: where they are, and who may use them. What they
 * refuse is a page for people and JSON for programs; an `HttpException`, such as 401 where nobody is
 * signed in, goes to the application's own global filters first.
 */
export interface OAuthRoutesOptions {
  /**
   * Where they are mounted, behind the application's global prefix, unless that excludes them.
   *
   * @defaultValue `'oauth'`
   */
  path?: string;
  /**
   * The application's own address as browsers see it, such as `https://app.example`. Left out, it is
   * read from each request, with proxy headers where the application trusts its proxy (`trust proxy`
   * of Express, `trustProxy` of Fastify). `connectUrl()` needs it, since a mail has no request.
   */
  origin?: string;
  /** Which clients take part; every client whose grant is `authorization_code` when left out. */
  clients?: readonly string[];
  /** Guards of all routes, in this order; injectable classes. */
  guards?: readonly Type<CanActivate>[];
  /** Interceptors of all routes, in this order; injectable classes. */
  interceptors?: readonly Type<NestInterceptor>[];
  /** The option `subject` of the module, for those who keep it here. */
  subject?(request: WebRequest): WebSubject | Promise<WebSubject>;
}

/** How the module faces the application's own users. */
export interface OAuthWebOptions {
  /**
   * Mounts the routes `GET {path}/:client/authorize`, `GET|POST {path}/:client/callback`,
   * `POST {path}/:client/disconnect` and `GET {path}/connections`.
   */
  routes?: OAuthRoutesOptions;
  /**
   * Whose tokens a request is about: the application's own identifier of the user who is signed in,
   * or nothing where nobody is. The routes, `@CurrentSession` and `@RequireAuthorization` ask it.
   *
   * @example
   * ```ts
   * subject: (request) => request.session.userId
   * ```
   */
  subject?(request: WebRequest): WebSubject | Promise<WebSubject>;
  /**
   * The request behind a handler that is not of HTTP: a GraphQL resolver, a gateway. Controllers do
   * not ask it.
   *
   * @example
   * ```ts
   * requestOf: (context) => GqlExecutionContext.create(context).getContext().req
   * ```
   */
  requestOf?(context: ExecutionContext): WebRequest;
}
