import {
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { InsecureTransportError, OriginNotAllowedError } from '../errors/configuration.errors.js';
import type { TokenSet } from '../protocol/token-set.js';
import { parseUrl } from '../protocol/url.js';
import type { RequestSettings } from './client-settings.js';
import { withoutToken } from './final-address.js';
import type { FlightPlan } from './flight.js';
import { isReplayable } from './replayable.js';
import { placeToken, withoutPlacedToken } from './token-placement.js';
import type { RequestTarget } from './request-target.js';

/** How many redirects are followed at most. */
export const MAX_REDIRECTS = 5;

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** What no other origin is told, besides the token: RFC 9110, section 15.4. */
const PRIVATE_HEADERS = ['authorization', 'cookie', 'proxy-authorization'];

/** Where a request is on its way through redirects. */
export interface Hop {
  readonly plan: FlightPlan;
  readonly method: string;
  /** Whether the request still carries the token; once it does not, it never does again. */
  readonly withToken: boolean;
  readonly count: number;
}

/**
 * The next hop of a redirected request, or `undefined` where the answer is for the caller: within
 * the allowed origins with the token; elsewhere a GET or HEAD without the token and without what
 * hooks added, as the caller wrote it.
 */
export class Redirects {
  readonly #settings: RequestSettings;
  readonly #target: RequestTarget;

  constructor(settings: RequestSettings, target: RequestTarget) {
    this.#settings = settings;
    this.#target = target;
  }

  /** Judges an answer; throws where it leads to a place that the request may not go to. */
  next(
    response: AxiosResponse,
    hop: Hop,
    config: InternalAxiosRequestConfig,
    token: TokenSet,
  ): Hop | undefined {
    const location: unknown = response.headers['location'];
    if (!FOLLOWED.has(response.status) || typeof location !== 'string' || location === '') {
      return undefined;
    }
    const limit = Math.min(config.maxRedirects ?? MAX_REDIRECTS, MAX_REDIRECTS);
    if (limit <= 0) return undefined;
    if (hop.count >= limit) {
      const text = 'Maximum number of redirects exceeded';
      throw new AxiosError(text, 'ERR_FR_TOO_MANY_REDIRECTS', config);
    }
    const target = parseUrl(location, hop.plan.url);
    if (!target) return undefined;
    const url = withoutPlacedToken(target, this.#settings.tokenPlacement);
    // axios would send them in place of the token.
    url.username = url.password = '';
    const becomesGet = response.status === 303 || (response.status < 303 && hop.method === 'post');
    const method = becomesGet && hop.method !== 'head' ? 'get' : hop.method;
    if (hop.withToken && this.#target.allows(url, token)) {
      return this.#within(url, method, hop, config, token);
    }
    return this.#elsewhere(withoutToken(url, this.#settings.tokenPlacement, token), hop, config);
  }

  #within(
    url: URL,
    method: string,
    hop: Hop,
    config: InternalAxiosRequestConfig,
    token: TokenSet,
  ): Hop | undefined {
    const bodyless = method !== hop.method;
    if (!bodyless && !isReplayable(hop.plan.base.data)) return undefined;
    const headers = new AxiosHeaders(hop.plan.headers);
    if (bodyless) dropBodyHeaders(headers);
    if (url.origin !== new URL(hop.plan.url).origin) {
      for (const name of privateHeaders(config)) {
        if (name !== 'authorization') headers.delete(name);
      }
    }
    return {
      method,
      withToken: true,
      count: hop.count + 1,
      plan: {
        ...hop.plan,
        method,
        params: undefined,
        ...(bodyless && { data: undefined }),
        ...this.#placed(url, method, headers, bodyless ? undefined : hop.plan, token),
      },
    };
  }

  /** A header has been carried over with the others; anything else is placed anew. */
  #placed(
    url: URL,
    method: string,
    headers: AxiosHeaders,
    body: FlightPlan | undefined,
    token: TokenSet,
  ): Pick<FlightPlan, 'url' | 'headers' | 'data'> {
    if (this.#settings.tokenPlacement === 'header') return { url: url.href, headers };
    const data: unknown = body?.data ?? body?.base.data;
    const placed = placeToken(this.#settings, { headers, method, data }, url.href, token);
    return {
      url: placed.url,
      headers: placed.headers,
      ...('data' in placed && { data: placed.data }),
    };
  }

  #elsewhere(url: URL, hop: Hop, config: InternalAxiosRequestConfig): Hop {
    this.#demandHarmless(url, hop);
    const headers = new AxiosHeaders(config.headers);
    for (const name of privateHeaders(config)) headers.delete(name);
    dropBodyHeaders(headers);
    return {
      method: hop.method,
      withToken: false,
      count: hop.count + 1,
      plan: {
        base: config,
        url: url.href,
        headers,
        method: hop.method,
        params: undefined,
        data: undefined,
      },
    };
  }

  #demandHarmless(url: URL, { method, withToken, plan }: Hop): void {
    const client = this.#settings.name;
    const allowed = method === 'get' || method === 'head';
    if (!allowed || !/^https?:$/.test(url.protocol)) {
      throw new OriginNotAllowedError({
        client,
        origin: url.origin,
        problem: `The API redirects a ${method.toUpperCase()} request to ${url.origin}; it was not followed.`,
        remedy: 'Add the origin to allowedOrigins if it is to have the request and the token.',
      });
    }
    const downgrade = url.protocol === 'http:' && new URL(plan.url).protocol === 'https:';
    if (downgrade && !this.#settings.allowInsecureHttp) {
      throw new InsecureTransportError({
        client,
        problem: `The API redirects ${withToken ? 'the request ' : ''}to ${url.origin}, which is not https.`,
        remedy: 'Ask for a full https address instead.',
      });
    }
  }
}

/** What stays with the origin that it was meant for; in lower case. */
function privateHeaders(config: InternalAxiosRequestConfig): string[] {
  const { sensitiveHeaders = [] } = config as { sensitiveHeaders?: readonly string[] };
  return [...PRIVATE_HEADERS, ...sensitiveHeaders.map((name) => name.toLowerCase())];
}

function dropBodyHeaders(headers: AxiosHeaders): void {
  for (const name of ['content-type', 'content-length', 'content-encoding', 'transfer-encoding']) {
    headers.delete(name);
  }
}
