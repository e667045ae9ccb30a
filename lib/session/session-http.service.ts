import { HttpService } from '@nestjs/axios';
import type { AxiosInstance, AxiosPromise, AxiosRequestConfig, AxiosResponse } from 'axios';
import { Observable } from 'rxjs';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { LazyAbortSignal } from './lazy-abort-signal.js';
import { bound } from './session-axios.js';

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

  /** See `axios.request`. */
  override request<T = any>(config: AxiosRequestConfig): Observable<AxiosResponse<T>> {
    return this.observe(config);
  }

  /** See `axios.get`. */
  override get<T = any, D = any>(
    url: string,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'get', url });
  }

  /** See `axios.delete`. */
  override delete<T = any, D = any>(
    url: string,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'delete', url });
  }

  /** See `axios.head`. */
  override head<T = any, D = any>(
    url: string,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'head', url });
  }

  /** See `axios.post`. */
  override post<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'post', url, data });
  }

  /** See `axios.put`. */
  override put<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'put', url, data });
  }

  /** See `axios.patch`. */
  override patch<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'patch', url, data });
  }

  /** See `axios.query`. */
  override query<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe({ ...config, method: 'query', url, data });
  }

  /** See `axios.postForm`. */
  override postForm<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe(asForm({ ...config, method: 'post', url, data }));
  }

  /** See `axios.putForm`. */
  override putForm<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe(asForm({ ...config, method: 'put', url, data }));
  }

  /** See `axios.patchForm`. */
  override patchForm<T = any, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Observable<AxiosResponse<T, D>> {
    return this.observe(asForm({ ...config, method: 'patch', url, data }));
  }

  /** @internal What a subclass of `HttpService` may call: the config comes last, and is bound. */
  protected override makeObservable<T>(
    send: (...args: any[]) => AxiosPromise<T>,
    ...args: any[]
  ): Observable<AxiosResponse<T>> {
    const { binding } = this.outlet();
    const config = args.at(-1) as AxiosRequestConfig | undefined;
    return super.makeObservable(
      send,
      ...args.slice(0, -1),
      binding ? bound(config, binding) : config,
    );
  }

  private observe<T>(config: AxiosRequestConfig): Observable<AxiosResponse<T>> {
    return new Observable((subscriber) => {
      const { instance, binding } = this.outlet();
      const signal = new LazyAbortSignal(config.signal);
      let done = false;
      const call = { ...(binding ? bound(config, binding) : config), signal };
      instance.request<T>(call).then(
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

/** `HttpService` keeps the instance it was made with in a field; ours is found when it is used. */
Object.defineProperty(SessionHttpService.prototype, 'instance', {
  get(this: { outlet(): RequestOutlet }) {
    return this.outlet().instance;
  },
  set() {
    // The parent's constructor assigns the instance it was given: there is none.
  },
  configurable: true,
});

function asForm(config: AxiosRequestConfig): AxiosRequestConfig {
  return { ...config, headers: { ...config.headers, 'Content-Type': 'multipart/form-data' } };
}
