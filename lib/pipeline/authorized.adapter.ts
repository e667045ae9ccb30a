import {
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
import type { ClientSettings } from './client-settings.js';
import type { FlightDeck } from './flight.js';
import { GrantBinding } from './grant-binding.js';
import { waitWithin, type PatienceSignal } from './patience.js';
import { Redirects, type Hop } from './redirects.js';
import type { Reentrancy } from './reentrancy.js';
import { isReplayable } from './replayable.js';
import { RequestTarget } from './request-target.js';
import { bindingOf, refuseForbidden } from './request-options.js';
import type { TokenSource } from './token-source.js';

/** What the adapter of one client works with. */
export interface AuthorizedAdapterParts {
  readonly settings: ClientSettings;
  readonly source: TokenSource;
  readonly hooks: ComplianceHooks;
  readonly reentrancy: Reentrancy;
  readonly deck: FlightDeck;
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
    const { settings, source, deck } = this.#parts;
    refuseForbidden(config, settings.name);
    const binding = bindingOf(config, settings, this.#own);
    if (binding === undefined) return deck.sendAsIs(config);
    const atHand = source.token(binding);
    if (!(atHand instanceof Promise)) return this.#call(config, binding, atHand, config.timeout);
    const startedAt = performance.now();
    const token = await this.#waitFor(atHand, config);
    return this.#call(config, binding, token, this.#timeLeft(config, startedAt));
  }

  async #call(
    config: InternalAxiosRequestConfig,
    binding: GrantBinding,
    token: TokenSet,
    timeout: number | undefined,
  ): Promise<AxiosResponse> {
    const outcome = await this.#journey(config, binding, token, timeout);
    const response = responseOf(outcome);
    if (response?.status !== 401 || !this.#mayReplay(response, config)) return settled(outcome);
    const startedAt = performance.now();
    const { source } = this.#parts;
    const renewed = await this.#waitFor(source.afterRejection(binding, token), config, timeout);
    if (!renewed) return settled(outcome);
    discardBody(response);
    const left = this.#timeLeft(config, startedAt, timeout);
    return settled(await this.#journey(config, binding, renewed, left));
  }

  /** One sending with one token, redirects included; a rejection is an outcome like a response. */
  async #journey(
    config: InternalAxiosRequestConfig,
    binding: GrantBinding,
    token: TokenSet,
    timeout: number | undefined,
  ): Promise<Outcome> {
    const { hooks, deck } = this.#parts;
    const request = hooks.has('protected_request')
      ? await this.#hooked(config, binding, token)
      : config;
    const url = this.#target.resolve(request, token);
    const headers = authorizedHeaders(request.headers, token);
    let hop: Hop = {
      plan: { base: request, url, headers, ...(timeout && { timeout }) },
      method: request.method ?? 'get',
      withToken: true,
      count: 0,
    };
    for (;;) {
      const outcome = await deck.send(config, hop.plan).then(
        (response): Outcome => ({ response }),
        (error: unknown): Outcome => ({ error }),
      );
      const response = responseOf(outcome);
      if (!response || response.status < 300 || response.status >= 400) return outcome;
      const next = this.#redirects.next(response, hop, config, token);
      if (!next) return outcome;
      discardBody(response);
      hop = next;
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
    };
    const request = await reentrancy.within(binding, () =>
      hooks.run('protected_request', copy, { client, subject, token }),
    );
    this.#demandNotCanceled(config);
    refuseForbidden(request, settings.name, config.adapter);
    return request;
  }

  #mayReplay(response: AxiosResponse, config: InternalAxiosRequestConfig): boolean {
    const header: unknown = response.headers['www-authenticate'];
    return (
      isReplayable(config.data) && invitesNewToken(typeof header === 'string' ? header : undefined)
    );
  }

  /** Waits for a token as long as the call itself may take; the renewal goes on when it may not. */
  async #waitFor<T>(
    token: Promise<T>,
    config: InternalAxiosRequestConfig,
    timeoutMs: number | undefined = config.timeout,
  ): Promise<T> {
    const signal = config.signal as PatienceSignal | undefined;
    const canceled = config.cancelToken?.promise;
    const found = waitWithin(
      canceled ? Promise.race([token, canceled.then(() => token)]) : token,
      { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal && { signal }) },
      (why) =>
        why === 'aborted'
          ? new CanceledError(undefined, config)
          : new AxiosError(
              `timeout of ${timeoutMs} ms exceeded while waiting for a token`,
              AxiosError.ECONNABORTED,
              config,
            ),
    );
    const value = await found;
    this.#demandNotCanceled(config);
    return value;
  }

  #demandNotCanceled(config: InternalAxiosRequestConfig): void {
    config.cancelToken?.throwIfRequested();
    if (config.signal?.aborted) throw new CanceledError(undefined, config);
  }

  #timeLeft(
    config: InternalAxiosRequestConfig,
    startedAt: number,
    timeoutMs: number | undefined = config.timeout,
  ): number | undefined {
    return timeoutMs ? Math.max(1, timeoutMs - (performance.now() - startedAt)) : undefined;
  }
}

/** The caller's headers with the token in place of any `Authorization` that they hold. */
function authorizedHeaders(own: AxiosHeaders, token: TokenSet): AxiosHeaders {
  const headers = Object.assign(Object.create(AxiosHeaders.prototype) as AxiosHeaders, own);
  for (const name in headers) {
    if (name.length === 13 && name.toLowerCase() === 'authorization') delete headers[name];
  }
  headers['Authorization'] = `Bearer ${token.accessToken}`;
  return headers;
}

type Outcome = { readonly response: AxiosResponse } | { readonly error: unknown };

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
