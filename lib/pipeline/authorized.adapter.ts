import axios, {
  AxiosError,
  AxiosHeaders,
  CanceledError,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { ComplianceHooks } from '../compliance/compliance.hooks.js';
import { invitesNewToken } from '../protocol/challenge.js';
import type { TokenSet } from '../protocol/token-set.js';
import { cancellationOf, demandNotCanceled } from './cancellation.js';
import type { RequestSettings } from './client-settings.js';
import { hideConnection } from './discreet.js';
import { rememberAddress, withoutToken } from './final-address.js';
import type { FlightDeck } from './flight.js';
import { GrantBinding } from './grant-binding.js';
import { waitWithin } from './patience.js';
import { Redirects, type Hop } from './redirects.js';
import type { Reentrancy } from './reentrancy.js';
import { isRefusal, rememberRefusal } from './refused-scope.js';
import { isReplayable } from './replayable.js';
import { RequestTarget } from './request-target.js';
import { bindingOf, refuseForbidden } from './request-options.js';
import type { TelemetrySwitch } from './telemetry.js';
import { placeToken } from './token-placement.js';
import type { TokenSource } from './token-source.js';

/** What the adapter of one client works with. */
export interface AuthorizedAdapterParts {
  readonly settings: RequestSettings;
  readonly source: Pick<TokenSource, 'token' | 'afterRejection'>;
  readonly hooks: ComplianceHooks;
  readonly reentrancy: Reentrancy;
  readonly deck: FlightDeck;
  /** Looks for hooks of modules that were loaded since. */
  readonly refreshExtensions: () => void;
  readonly telemetry?: TelemetrySwitch;
}

/**
 * The axios adapter of one client, behind every interceptor: gets the token, runs the
 * `protected_request` hooks, judges the final address, sends, and answers a 401 with one renewal
 * and one replay.
 */
export class AuthorizedAdapter {
  readonly #parts: AuthorizedAdapterParts;
  readonly #own: GrantBinding;
  readonly #target: RequestTarget;
  readonly #redirects: Redirects;

  /** The function that axios calls. */
  readonly adapter: AxiosAdapter = (config) => this.#request(config);

  constructor(parts: AuthorizedAdapterParts) {
    this.#parts = parts;
    this.#own = new GrantBinding(parts.settings.name, '');
    this.#target = new RequestTarget(parts.settings);
    this.#redirects = new Redirects(parts.settings, this.#target);
  }

  async #request(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const { settings, source, deck, refreshExtensions } = this.#parts;
    hideConnection(config);
    refuseForbidden(config, settings.name);
    const binding = bindingOf(config, settings, this.#own);
    if (binding === undefined) return await deck.sendAsIs(config);
    refreshExtensions();
    let { timeout } = config;
    let token = source.token(binding);
    if (token instanceof Promise) {
      const startedAt = performance.now();
      token = await this.#waitFor(token, config);
      timeout = this.#timeLeft(config, startedAt);
    }
    const outcome = await this.#journey(config, binding, token, timeout);
    const response = responseOf(outcome);
    if (response?.status !== 401 || !this.#invitesRenewal(response, outcome)) {
      return settled(outcome);
    }
    const startedAt = performance.now();
    const renewed = await this.#waitFor(
      source.afterRejection(binding, token),
      config,
      timeout,
    ).catch((error: unknown) => {
      discardBody(response);
      throw error;
    });
    // A body that is spent is not sent twice; the next call has the token that this one got.
    if (!renewed || !isReplayable(config.data)) return settled(outcome);
    discardBody(response);
    const left = this.#timeLeft(config, startedAt, timeout);
    const replay = await this.#journey(config, binding, renewed, left);
    this.#parts.telemetry?.current?.replayed(settings.name, responseOf(replay)?.status);
    return settled(replay);
  }

  /** One sending with one token, redirects included; a rejection is an outcome like a response. */
  async #journey(
    config: InternalAxiosRequestConfig,
    binding: GrantBinding,
    token: TokenSet,
    timeout: number | undefined,
  ): Promise<Outcome> {
    const { hooks, deck, settings } = this.#parts;
    // Looking at a clock takes longer than it looks.
    const startedAt = timeout ? performance.now() : 0;
    const request = hooks.has('protected_request')
      ? await this.#hooked(config, binding, token)
      : config;
    const url = this.#target.resolve(request, token);
    const method = request.method?.toLowerCase() ?? 'get';
    const plan = Object.assign(placeToken(settings, request, url, token), { base: request });
    let hop: Hop = { plan, method, withToken: true, count: 0 };
    for (;;) {
      const left = this.#timeLeft(config, startedAt, timeout);
      const { withToken, plan } = hop;
      const asFirst = withToken && hop.method === method;
      let outcome: Outcome;
      try {
        const sent = deck.send(config, left ? Object.assign({}, plan, { timeout: left }) : plan);
        outcome = { asFirst, response: await sent };
      } catch (error) {
        outcome = { asFirst, error };
      }
      const response = responseOf(outcome);
      if (!response) return outcome;
      const moved = response.status >= 300 && response.status < 400;
      const next = moved ? this.#nextHop(response, hop, config, token) : undefined;
      if (!next) {
        if (config.responseType === 'stream') this.#rememberAddress(response, hop, token);
        if (isRefusal(response) && withToken) rememberRefusal(response, settings, binding, token);
        return outcome;
      }
      discardBody(response);
      hop = next;
    }
  }

  /** A streamed answer may go to who asks where it came from: `fetch`. */
  #rememberAddress(response: AxiosResponse, { plan, count }: Hop, token: TokenSet): void {
    const { tokenPlacement } = this.#parts.settings;
    const sent = count === 0 ? plan.base : { ...plan.base, params: undefined };
    const address = new URL(axios.getUri({ ...sent, baseURL: '', url: plan.url }));
    const url = withoutToken(address, tokenPlacement, token);
    rememberAddress(response, { url: url.href, redirected: count > 0 });
  }

  #nextHop(
    response: AxiosResponse,
    hop: Hop,
    config: InternalAxiosRequestConfig,
    token: TokenSet,
  ): Hop | undefined {
    try {
      return this.#redirects.next(response, hop, config, token);
    } catch (error) {
      discardBody(response);
      throw error;
    }
  }

  async #hooked(
    config: InternalAxiosRequestConfig,
    binding: GrantBinding,
    token: TokenSet,
  ): Promise<InternalAxiosRequestConfig> {
    const { hooks, reentrancy, settings } = this.#parts;
    const { client, subject } = binding;
    const copy: InternalAxiosRequestConfig = {
      ...config,
      headers: new AxiosHeaders(config.headers),
      params: copyOf(config.params),
    };
    reentrancy.refuse(binding, 'request');
    const work = () => hooks.run('protected_request', copy, { client, subject, token });
    const request = await reentrancy.within(binding, work, 'request');
    demandNotCanceled(config);
    refuseForbidden(request, settings.name, config.adapter);
    return request;
  }

  #invitesRenewal(response: AxiosResponse, { asFirst }: Outcome): boolean {
    const header: unknown = response.headers['www-authenticate'];
    return asFirst && invitesNewToken(typeof header === 'string' ? header : undefined);
  }

  /** Waits for a token as long as the call itself may take; the renewal goes on when it may not. */
  async #waitFor<T>(
    token: Promise<T>,
    config: InternalAxiosRequestConfig,
    timeoutMs: number | undefined = config.timeout,
  ): Promise<T> {
    const signal = cancellationOf(config);
    const value = await waitWithin(
      token,
      { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal && { signal }) },
      (why) =>
        why === 'aborted'
          ? ((config.cancelToken?.reason as Error | undefined) ??
            new CanceledError(undefined, config))
          : new AxiosError(
              `timeout of ${timeoutMs} ms exceeded while waiting for a token`,
              AxiosError.ECONNABORTED,
              config,
            ),
    );
    demandNotCanceled(config);
    return value;
  }

  #timeLeft(
    config: InternalAxiosRequestConfig,
    startedAt: number,
    timeoutMs: number | undefined = config.timeout,
  ): number | undefined {
    return timeoutMs ? Math.max(1, timeoutMs - (performance.now() - startedAt)) : undefined;
  }
}

/** A copy that a hook may change in place, and the caller's config does not show it. */
function copyOf(params: unknown): unknown {
  if (params instanceof URLSearchParams) return new URLSearchParams(params);
  return typeof params === 'object' && params !== null ? { ...params } : params;
}

/** What came of a sending; `asFirst`: of the request as it was, with the token, redirected or not. */
type Outcome = { readonly asFirst: boolean } & (
  { readonly response: AxiosResponse } | { readonly error: unknown }
);

function settled(outcome: Outcome): AxiosResponse {
  if ('response' in outcome) return outcome.response;
  throw outcome.error;
}

function responseOf(outcome: Outcome): AxiosResponse | undefined {
  if ('response' in outcome) return outcome.response;
  return (outcome.error as { response?: AxiosResponse } | undefined)?.response;
}

/** A streamed body that nobody will read holds its connection until it is destroyed. */
function discardBody(response: AxiosResponse): void {
  (response.data as { destroy?: () => void } | undefined)?.destroy?.();
}
