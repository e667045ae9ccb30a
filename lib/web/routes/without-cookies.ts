import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What a head is written of: status, reason, headers. */
type Part = number | string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/**
 * Lets no cookie into an answer, whoever sets one, before or after. To session middleware, a request
 * that another site's page posts is one of a new browser, since no cookie comes with it; the new
 * session that it sets then would take the place of the one that the user has.
 *
 * @param response - As Express or Fastify hands it over.
 */
export function withoutCookies(response: unknown): void {
  const { raw } = response as { raw?: ServerResponse };
  const target = raw ?? (response as ServerResponse);
  target.removeHeader(COOKIE);
  const setHeader = target.setHeader.bind(target);
  const appendHeader = target.appendHeader.bind(target);
  const writeHead = target.writeHead.bind(target) as (...parts: Part[]) => ServerResponse;
  target.setHeader = (name, value) => (isCookie(name) ? target : setHeader(name, value));
  target.appendHeader = (name, value) => (isCookie(name) ? target : appendHeader(name, value));
  target.writeHead = (...parts: Part[]) => writeHead(...parts.map(withoutCookie));
}

const COOKIE = 'set-cookie';

function isCookie(name: unknown): boolean {
  return String(name).toLowerCase() === COOKIE;
}

/** Headers are given as an object, or as a list of names and values in turn. */
function withoutCookie(part: Part): Part {
  if (Array.isArray(part)) {
    return part.filter((_one, place) => !isCookie(part[place - (place % 2)]));
  }
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).filter(([name]) => !isCookie(name)));
}
