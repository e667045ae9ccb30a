import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
} from '../errors/authorization.errors.js';
import { TokenEndpointError } from '../errors/endpoint.errors.js';
import type { OAuthClientError } from '../errors/oauth-client.error.js';
import { isNavigation, prefersHtml } from './accept.js';
import { Answerable, answerable } from './answerable.js';
import { AuthorizeAddress } from './authorize-address.js';
import { Consent, type ConsentRoute } from './consent.js';
import { problemJson } from './problem.json.js';
import { problemPage } from './problem.page.js';
import { problemOf } from './problem.js';
import { PRIVATE_HEADERS, redirect, write, type Reply } from './routes/reply.js';
import { RequestView } from './routes/request.view.js';
import { WebContext } from './web.context.js';
import type { WebRequest } from './web.options.js';
import { tellSocket } from './ws.problem.js';

/**
 * Answers requests that failed with an `OAuthClientError`, or because an API demands more scope.
 * Bind it with `@UseFilters`, as `APP_FILTER`, or globally. All other exceptions go on to the
 * filters they are for.
 *
 * - The user's consent is needed: a browser is sent to the authorize route (303), and comes back to
 *   where it was; once for the same consent, then a page says what is missing. A program gets 401
 *   and `application/problem+json` (RFC 9457) with `code`, `client`, `reason`, `missing` and, where the
 *   routes are mounted, `authorizationUrl`; append `returnTo` to it.
 * - All else is a page or JSON by the `Accept` header. What is only the application's is in the log
 *   and not in the answer.
 *
 * In a GraphQL resolver the exception goes on as it is; a gateway's client gets an `exception`.
 *
 * @example
 * ```ts
 * @UseFilters(OAuthExceptionFilter)
 * @Controller('repositories')
 * export class RepositoriesController {}
 * // or: app.useGlobalFilters(app.get(OAuthExceptionFilter));
 * ```
 */
@Catch(Answerable)
export class OAuthExceptionFilter implements ExceptionFilter<unknown> {
  readonly #logger = new Logger('OAuthExceptionFilter');
  readonly #consent: Consent;
  readonly #adapterHost: HttpAdapterHost;

  constructor(web: WebContext, address: AuthorizeAddress, adapterHost: HttpAdapterHost) {
    this.#consent = new Consent(web, address);
    this.#adapterHost = adapterHost;
  }

  /** What Nest calls; `undefined` leaves an exception to Nest's own handling. */
  catch(thrown: unknown, host: ArgumentsHost): unknown {
    const error = answerable(thrown);
    switch (host.getType<string>()) {
      case 'http':
        if (!error) throw thrown;
        return this.#answer(error, host.getArgByIndex(0), host.getArgByIndex(1));
      case 'ws':
        if (!error) throw thrown;
        this.#log(error);
        tellSocket(host.getArgByIndex(0), error);
        return undefined;
      case 'rpc':
        return throwError(() => thrown);
      default:
        return undefined;
    }
  }

  /** Never rejects: nobody would hear of it. */
  async #answer(error: OAuthClientError, request: WebRequest, response: unknown): Promise<void> {
    const { httpAdapter } = this.#adapterHost;
    this.#log(error);
    try {
      if (httpAdapter.isHeadersSent(response)) {
        httpAdapter.end(response);
        return;
      }
      const view = new RequestView(request);
      const route =
        error instanceof AuthorizationRequiredError
          ? await this.#found(() => this.#consent.routeFor(error, view))
          : undefined;
      const reply = await this.#reply(error, view, route);
      for (const line of route?.jar.lines ?? []) {
        httpAdapter.appendHeader(response, 'Set-Cookie', line);
      }
      write(httpAdapter, response, reply);
    } catch (cause) {
      this.#logger.error('An error could not be answered.', stackOf(cause));
      if (!httpAdapter.isHeadersSent(response)) httpAdapter.reply(response, '', 500);
    }
  }

  async #reply(
    error: OAuthClientError,
    view: RequestView,
    route: ConsentRoute | undefined,
  ): Promise<Reply> {
    const navigates = isNavigation(view);
    if (route && navigates && !route.marker.isSpent) {
      route.marker.set();
      const { headers, ...rest } = redirect(route.path);
      return { ...rest, headers: { ...PRIVATE_HEADERS, ...headers } };
    }
    const problem = problemOf(error);
    const { retryAfter } = problem;
    const reply = prefersHtml(view.header('accept'))
      ? problemPage({ ...problem, action: await this.#action(error, view, route) })
      : problemJson(error, problem, route?.url);
    if (retryAfter === undefined) return reply;
    return { ...reply, headers: { ...reply.headers, 'Retry-After': String(retryAfter) } };
  }

  async #action(
    error: OAuthClientError,
    view: RequestView,
    route: ConsentRoute | undefined,
  ): Promise<{ href: string; label: string } | undefined> {
    if (route) {
      route.marker.clear();
      return { href: route.path, label: `Connect ${error.client}` };
    }
    if (error instanceof AuthorizationRequiredError || problemOf(error).status === 500) return;
    const href = await this.#found(() => this.#consent.retryOf(error, view));
    return href === undefined ? undefined : { href, label: 'Try again' };
  }

  /** A mistake on the way is one more for the log; the user is told of the first one. */
  async #found<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (cause) {
      this.#logger.error('Where to send the user could not be found.', stackOf(cause));
      return undefined;
    }
  }

  #log(error: OAuthClientError): void {
    if (isUsersWord(error)) this.#logger.warn(error.message);
    else if (problemOf(error).status >= 500) this.#logger.error(error.message, stackOf(error));
    // A shared account is nobody's who calls: somebody has to be told that it needs to be connected.
    else if (error instanceof AuthorizationRequiredError && !error.subject) {
      this.#logger.warn(error.message);
    }
  }
}

/**
 * Whether anybody who begins a flow can bring it about, by what they send to the callback: it may be
 * the server's word, or theirs, and is no alarm.
 */
function isUsersWord(error: OAuthClientError): boolean {
  if (error instanceof AuthorizationResponseError) return problemOf(error).status >= 500;
  return error instanceof TokenEndpointError && error.error === 'invalid_grant';
}

/** With what it came from: a handler that failed is mended where it threw. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = stackOf(error.cause);
  return cause === undefined ? error.stack : `${error.stack}\nCaused by ${cause}`;
}
