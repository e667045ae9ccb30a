import { ForbiddenException, MethodNotAllowedException } from '@nestjs/common';
import type { RequestView } from './request.view.js';

/**
 * Lets a person's navigation through, and nothing that a page or browser does by itself: a flow is
 * begun, or ended, by who sees it.
 */
export function demandNavigation(view: RequestView): void {
  // Routers answer HEAD by what answers GET.
  if (view.method === 'HEAD') throw new MethodNotAllowedException();
  const purpose = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose']
    .map((name) => view.header(name) ?? '')
    .join();
  if (/prefetch|prerender|preview/i.test(purpose)) {
    throw new ForbiddenException('This address is not to be loaded ahead.');
  }
  const isDocument = (view.header('sec-fetch-dest') ?? 'document') === 'document';
  const navigates = (view.header('sec-fetch-mode') ?? 'navigate') === 'navigate';
  if (isDocument && navigates) return;
  throw new ForbiddenException('This address is to be opened in a window, not called by a page.');
}

/** Lets through what a page of this application sent, as the browser says. */
export function demandSameOrigin(view: RequestView, ownOrigins: readonly string[]): void {
  if (isSameOrigin(view, ownOrigins) === true) return;
  throw new ForbiddenException('The request does not come from a page of this application.');
}

/** Whether a page of this application sent it; `undefined` where the browser does not say. */
export function isSameOrigin(
  view: RequestView,
  ownOrigins: readonly string[],
): boolean | undefined {
  const site = view.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = view.header('origin');
  return origin === undefined ? undefined : ownOrigins.includes(origin);
}
