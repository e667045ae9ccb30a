import { EventEmitter } from 'node:events';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';

type Failure = Error & {
  config?: InternalAxiosRequestConfig;
  request?: unknown;
  response?: AxiosResponse;
};

/** What an axios stream leads to: the raw request, its socket and, over them, header and agent. */
const WAYS_TO_REQUEST = ['req', 'socket', 'client', '_dump'] as const;

/**
 * Hides what a call brings along to connect with: agents hold keys and passphrases, a proxy its
 * password, and printing the config would print them.
 */
export function hideConnection(config: InternalAxiosRequestConfig): void {
  if (config.httpsAgent !== undefined) hide(config, 'httpsAgent');
  if (config.httpAgent !== undefined) hide(config, 'httpAgent');
  if (typeof config.proxy === 'object' && config.proxy?.auth) hide(config.proxy, 'auth');
}

/** The same response, that shows the config that the caller gave, and the raw request nowhere. */
export function discreet(
  response: AxiosResponse,
  config: InternalAxiosRequestConfig,
): AxiosResponse {
  hideInStream(response.data, config);
  return new DiscreetResponse(response, config);
}

/** Makes an error show the config that the caller gave, and the raw request nowhere. */
export function hideInError(error: Failure, config: InternalAxiosRequestConfig): void {
  if ('config' in error) error.config = config;
  if (error.request !== undefined) hide(error, 'request');
  if (error.response) error.response = discreet(error.response, config);
}

const LISTED = new Set(['data', 'status', 'statusText', 'headers', 'config', 'request']);

/**
 * A response whose raw request can be read and is in no listing, not even of hidden values. It is
 * made anew, since a property that is hidden where it stands costs more than all the rest.
 */
class DiscreetResponse implements AxiosResponse {
  data: unknown;
  status: number;
  statusText: string;
  headers: AxiosResponse['headers'];
  config: InternalAxiosRequestConfig;
  #request: unknown;

  constructor(response: AxiosResponse, config: InternalAxiosRequestConfig) {
    this.status = response.status;
    this.statusText = response.statusText;
    this.headers = response.headers;
    this.config = config;
    this.data = response.data;
    this.#request = response.request;
    // What an adapter of the application's own adds.
    for (const key in response) {
      if (!LISTED.has(key)) {
        Object.assign(this, { [key]: response[key as keyof AxiosResponse] as unknown });
      }
    }
  }

  get request(): unknown {
    return this.#request;
  }

  set request(request: unknown) {
    this.#request = request;
  }
}
// It is printed as the plain object that a response is.
Reflect.deleteProperty(DiscreetResponse.prototype, 'constructor');

/** A streamed body leads to the raw request, and so do errors that it emits later. */
function hideInStream(data: unknown, config: InternalAxiosRequestConfig): void {
  if (!(data instanceof EventEmitter)) return;
  const stream = data as unknown as Record<string, unknown>;
  for (const key of WAYS_TO_REQUEST) {
    if (Object.hasOwn(stream, key)) hide(stream, key);
  }
  data.on(EventEmitter.errorMonitor, (error: Error) => hideInError(error, config));
}

/** Keeps a property readable and writable, and out of every listing: even of hidden values. */
function hide<T extends object>(target: T, key: keyof T): void {
  let value = target[key];
  Object.defineProperty(target, key, {
    get: () => value,
    set: (next: T[keyof T]) => {
      value = next;
    },
    enumerable: false,
    configurable: true,
  });
}
