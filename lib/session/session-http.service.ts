import { HttpService } from '@nestjs/axios';
import {
  AxiosHeaders,
  type AxiosInstance,
  type AxiosPromise,
  type AxiosRequestConfig,
  type AxiosResponse,
} from 'axios';
import { Observable } from 'rxjs';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { LazyAbortSignal } from '../pipeline/lazy-abort-signal.js';
import { bound } from './session-axios.js';
import { fetchThrough, type SessionFetch } from './session-fetch.js';

/** Through what a session sends, and for whom. */
export interface RequestOutlet {
  readonly instance: AxiosInstance;
  /** Whose token; `undefined` is the client's own. */
  readonly binding: GrantBinding | undefined;
}

/**
 * The HTTP half of a session: `HttpService`'s verbs, each sending through the client's one axios
 * instance with the session's own binding on the request.
 */
export abstract class SessionHttpService extends HttpService {
  /** @internal Through what requests are sent; asked at each request. */
  protected abstract outlet(): RequestOutlet;

  /**
   * The standard `fetch`, for SDKs that take one: with the session's token, origins, transport and
   * interceptors, addresses joined to `baseURL`, bodies streamed. Works detached from the session.
   * At most 5 redirects are followed. The body of a `Request` is read to its end first, so that it
   * can be repeated after a 401; a stream given as `init.body` is sent as it comes, and once.
   *
   * It rejects with an `OAuthClientError` where there is no token to be had or it may not go there,
   * with a `TypeError` where the network fails, and with the signal's reason when aborted.
   *
   * @example
   * ```ts
   * const octokit = new Octokit({ request: { fetch: github.for(userId).fetch } });
   * ```
   */
  get fetch(): SessionFetch {
    return async (input, init) => {
      const { instance, binding } = this.outlet();
      return fetchThrough(instance, binding, input, init);
    };
  }

  /** @internal What a subclass of `HttpService` may call: the config comes last, and is bound. */
  protected override makeObservable<T>(
    send: (...args: unknown[]) => AxiosPromise<T>,
    ...args: unknown[]
  ): Observable<AxiosResponse<T>> {
    const { binding } = this.outlet();
    const config = args.at(-1) as AxiosRequestConfig | undefined;
    const last = binding ? bound(config, binding) : config;
    return super.makeObservable(send, ...args.slice(0, -1), last);
  }

  /** @internal A cold Observable of one request; unsubscribing cancels it. */
  protected observe(
    config: AxiosRequestConfig | undefined,
    own?: AxiosRequestConfig,
  ): Observable<AxiosResponse> {
    return new Observable((subscriber) => {
      const { instance, binding } = this.outlet();
      const signal = new LazyAbortSignal(config?.signal);
      const request = bound(config, binding, own);
      request.signal = signal;
      let done = false;
      instance.request(request).then(
        (response) => {
          done = true;
          subscriber.next(response);
          subscriber.complete();
        },
        (error: unknown) => {
          done = true;
          subscriber.error(error);
        },
      );
      return () => {
        if (!done) signal.abort();
      };
    });
  }
}

type Verb = (this: SessionHttpService, ...args: never[]) => Observable<AxiosResponse>;

/** The verbs, with the types that `HttpService` declares for them. */
const VERBS: Record<string, Verb> = {
  request(config: AxiosRequestConfig) {
    return this['observe'](config);
  },
};
for (const method of ['get', 'delete', 'head'] as const) {
  VERBS[method] = function (url: string, config?: AxiosRequestConfig) {
    return this['observe'](config, { method, url });
  };
}
for (const method of ['post', 'put', 'patch', 'query'] as const) {
  VERBS[method] = function (url: string, data?: unknown, config?: AxiosRequestConfig) {
    return this['observe'](config, { method, url, data });
  };
}
for (const method of ['post', 'put', 'patch'] as const) {
  VERBS[`${method}Form`] = function (url: string, data?: unknown, config?: AxiosRequestConfig) {
    const headers = AxiosHeaders.concat(config?.headers as AxiosHeaders | undefined, {
      'Content-Type': 'multipart/form-data',
    });
    return this['observe'](config, { method, url, data, headers });
  };
}
for (const [name, verb] of Object.entries(VERBS)) {
  define(name, { value: verb, writable: true });
}

/** `HttpService` keeps the instance it was made with in a field; ours is found when it is used. */
define('instance', {
  get(this: SessionHttpService): AxiosInstance {
    return this['outlet']().instance;
  },
  set() {
    // The parent's constructor assigns the instance it was given: there is none.
  },
});

function define(name: string, descriptor: PropertyDescriptor): void {
  const { prototype } = SessionHttpService;
  Object.defineProperty(prototype, name, { configurable: true, enumerable: false, ...descriptor });
}
