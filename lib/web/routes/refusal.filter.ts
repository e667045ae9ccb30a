import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BaseExceptionFilter, type HttpAdapterHost } from '@nestjs/core';
import { prefersHtml } from '../accept.js';
import { problemPage } from '../problem.page.js';
import type { WebRequest } from '../web.options.js';
import { write } from './reply.js';
import { RequestView } from './request.view.js';

const refusals = new WeakSet<object>();

/** What Nest says where a guard answers `false`. */
export const FORBIDDEN = 'Forbidden resource';

/** Notes that the routes have thrown it; answers the same. */
export function ofRoutes(thrown: unknown): unknown {
  if (thrown instanceof HttpException) refusals.add(thrown);
  return thrown;
}

/** An `HttpException` of the routes, as Nest asks for it: by `instanceof`. */
class RoutesRefusal {
  static [Symbol.hasInstance](thrown: unknown): boolean {
    return typeof thrown === 'object' && thrown !== null && refusals.has(thrown);
  }
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'You are not signed in',
  403: 'This is not allowed',
  404: 'There is nothing here',
  409: 'This is taken',
};

const DETAILS: Readonly<Record<number, string>> = {
  401: 'Sign in to the application, and begin again.',
  403: 'Your account may not do this.',
  404: 'The application has nothing at this address.',
};

/**
 * Shows people a page where the routes refuse by an `HttpException`; programs get the JSON of Nest.
 * It is a global filter, the first there is, so that Nest asks every other one before it: the
 * application's own may send who is not signed in to sign in.
 */
@Catch(RoutesRefusal)
export class RefusalFilter implements ExceptionFilter<HttpException> {
  readonly #adapters: HttpAdapterHost;

  constructor(adapters: HttpAdapterHost) {
    this.#adapters = adapters;
  }

  catch(refusal: HttpException, host: ArgumentsHost): void {
    const { httpAdapter } = this.#adapters;
    const response: unknown = host.getArgByIndex(1);
    const view = new RequestView(host.getArgByIndex<WebRequest>(0));
    if (httpAdapter.isHeadersSent(response) || !prefersHtml(view.header('accept'))) {
      new BaseExceptionFilter(httpAdapter).catch(refusal, host);
      return;
    }
    const status = refusal.getStatus();
    const title = TITLES[status] ?? 'This cannot be done';
    const detail = said(refusal) ?? DETAILS[status] ?? 'Go back, and begin again.';
    write(httpAdapter, response, problemPage({ status, title, detail }));
  }
}

/** What whoever threw it wanted to say; Nest names the status alone where they said nothing. */
function said(refusal: HttpException): string | undefined {
  const body = refusal.getResponse();
  if (typeof body === 'object' && !('error' in body)) return undefined;
  return refusal.message === FORBIDDEN ? undefined : refusal.message;
}
