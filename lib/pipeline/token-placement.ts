import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { RequestSettings, TokenPlacement } from './client-settings.js';
import { demandBearer } from './token-type.js';

const PARAMETER = 'access_token';
const FORM = 'application/x-www-form-urlencoded';

/** What of a request carries the token, or makes room for it: for one sending alone. */
export interface PlacedToken {
  readonly url: string;
  readonly headers: AxiosHeaders;
  readonly data?: unknown;
  readonly params?: unknown;
}

/** Puts the token on a request, in place of any that the caller has put there. RFC 6750, 2. */
export function placeToken(
  { tokenPlacement, name }: Pick<RequestSettings, 'tokenPlacement' | 'name'>,
  request: Pick<InternalAxiosRequestConfig, 'headers' | 'data' | 'params' | 'method'>,
  url: string,
  token: TokenSet,
): PlacedToken {
  demandBearer(token, { client: name }, 'Clear it, and ask the provider for Bearer tokens.');
  const headers = withoutAuthorization(request.headers);
  switch (tokenPlacement) {
    case 'header':
      headers['Authorization'] = `Bearer ${token.accessToken}`;
      return { url, headers };
    case 'query':
      return inQuery(request, url, headers, token);
    case 'body':
      return { url, headers, data: inBody(name, request, headers, token) };
  }
}

/** An address that an API has made from the one it was called with: the token is not its to pass on. */
export function withoutPlacedToken(url: URL, placement: TokenPlacement): URL {
  // The query is written anew by a deletion, and an address that needs none stays as it is.
  if (placement === 'query' && url.searchParams.has(PARAMETER)) url.searchParams.delete(PARAMETER);
  return url;
}

function withoutAuthorization(own: AxiosHeaders): AxiosHeaders {
  const headers = Object.assign(Object.create(AxiosHeaders.prototype) as AxiosHeaders, own);
  for (const name in headers) {
    if (name.length === 13 && name.toLowerCase() === 'authorization') delete headers[name];
  }
  return headers;
}

function inQuery(
  { params }: { params?: unknown },
  url: string,
  headers: AxiosHeaders,
  token: TokenSet,
): PlacedToken {
  const address = withoutPlacedToken(new URL(url), 'query');
  address.hash = '';
  const separator = address.search === '' ? '?' : '&';
  const value = encodeURIComponent(token.accessToken);
  // RFC 6750, section 2.3: what carries the token in its address is not to be kept by a cache.
  if (!headers.has('cache-control')) headers.set('Cache-Control', 'no-store');
  return {
    url: `${address.href.replace(/\?$/, '')}${separator}${PARAMETER}=${value}`,
    headers,
    params: withoutParameter(params),
  };
}

function withoutParameter(params: unknown): unknown {
  if (params instanceof URLSearchParams) {
    const copy = new URLSearchParams(params);
    copy.delete(PARAMETER);
    return copy;
  }
  if (typeof params !== 'object' || params === null || !Object.hasOwn(params, PARAMETER)) {
    return params;
  }
  const { [PARAMETER]: _replaced, ...rest } = params as Record<string, unknown>;
  return rest;
}

/** RFC 6750, section 2.2: a form, of a method whose body means something. */
function inBody(
  client: string,
  { data, method = 'get' }: { data?: unknown; method?: string },
  headers: AxiosHeaders,
  token: TokenSet,
): string {
  const refuse = (problem: string) =>
    new ConfigurationError({
      client,
      problem,
      remedy: "Send a form, or set tokenPlacement: 'header' in the options of the client.",
    });
  const verb = method.toUpperCase();
  if (verb === 'GET' || verb === 'HEAD')
    throw refuse(`A ${verb} request has no body for the token.`);
  const empty = data === undefined || data === null || data === '';
  const type = headers.getContentType() as string | null | undefined;
  const isForm = typeof type === 'string' && type.trim().toLowerCase().startsWith(FORM);
  if (!empty && (!isForm || (typeof data !== 'string' && !(data instanceof URLSearchParams)))) {
    throw refuse('Only a form-encoded body can carry the token, and this one is none.');
  }
  const form = new URLSearchParams(empty ? '' : data);
  form.set(PARAMETER, token.accessToken);
  if (!isForm) headers.setContentType(FORM);
  headers.delete('content-length');
  return form.toString();
}
