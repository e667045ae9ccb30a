import axios, {
  CanceledError,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
} from 'axios';
import { hideConnection } from '../pipeline/discreet.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { forbidden } from '../pipeline/request-options.js';
import { deferEmptyHeaderGroups } from './lazy-header-groups.js';

const WITHOUT_BODY = ['get', 'delete', 'head', 'options'] as const;
const WITH_BODY = ['post', 'put', 'patch', 'query', 'postForm', 'putForm', 'patchForm'] as const;

/** An axios instance whose every request goes through our adapter; its children, too. */
export function sessionInstance(
  client: string,
  defaults: AxiosRequestConfig,
  adapter: AxiosAdapter,
): AxiosInstance {
  const instance = axios.create({ ...defaults, adapter });
  guard(instance, client, adapter);
  mergeOnce(instance);
  deferEmptyHeaderGroups(instance);
  instance.create = (own = {}) => {
    if (own.adapter !== undefined) throw forbidden(client, 'adapter');
    const merged = axios.mergeConfig(
      instance.defaults as AxiosRequestConfig,
      own as AxiosRequestConfig,
    );
    return sessionInstance(client, merged, adapter);
  };
  return instance;
}

/** axios' own verbs without a body merge a call's config with itself, before it meets the defaults. */
function mergeOnce(instance: AxiosInstance): void {
  const request = instance.request.bind(instance);
  for (const method of WITHOUT_BODY) {
    const verb = (url: string, config?: AxiosRequestConfig) =>
      request(bound(config, undefined, { method, url }));
    Object.assign(instance, { [method]: verb });
  }
}

/** Sees every request last, and keeps its place when an application clears the interceptors. */
function guard(instance: AxiosInstance, client: string, adapter: AxiosAdapter): void {
  const { request } = instance.interceptors;
  const clear = request.clear.bind(request);
  request.clear = () => {
    clear();
    stand();
  };
  const stand = () => request.use(check, undefined, { synchronous: true });
  const check: Parameters<typeof request.use>[0] = (config) => {
    if (config.adapter !== adapter) throw forbidden(client, 'adapter');
    // Else axios itself would throw it, with whatever the call connects with in plain sight.
    if (config.signal?.aborted) {
      hideConnection(config);
      throw new CanceledError(undefined, config);
    }
    return config;
  };
  stand();
}

/**
 * The same instance bound to one subject: callable, its methods detachable, interceptors and
 * defaults shared with all subjects.
 */
export function boundInstance(instance: AxiosInstance, binding: GrantBinding): AxiosInstance {
  const bind = (config: AxiosRequestConfig | undefined, own?: AxiosRequestConfig) =>
    bound(config, binding, own);
  const call = (urlOrConfig: string | AxiosRequestConfig, config?: AxiosRequestConfig) =>
    typeof urlOrConfig === 'string'
      ? instance.request(bind(config, { url: urlOrConfig }))
      : instance.request(bind(urlOrConfig));
  const own: Record<PropertyKey, unknown> = {
    request: call,
    create: (config?: AxiosRequestConfig) => boundInstance(instance.create(config), binding),
  };
  for (const verb of WITHOUT_BODY) {
    own[verb] = (url: string, config?: AxiosRequestConfig) =>
      instance.request(bind(config, { method: verb, url }));
  }
  for (const verb of WITH_BODY) {
    own[verb] = (url: string, data?: unknown, config?: AxiosRequestConfig) =>
      instance[verb](url, data, bind(config));
  }
  return new Proxy(instance, {
    apply: (_target, _self, [url, config]: [string | AxiosRequestConfig, AxiosRequestConfig?]) =>
      call(url, config),
    get: (target, key) => (Object.hasOwn(own, key) ? own[key] : Reflect.get(target, key)),
  });
}

/**
 * A copy of a config, with values of our own, that carries a subject's token unless the caller
 * withholds it. Not `{ ...config, … }`: what is added after a spread costs Node 20 as much as merging
 * the whole config does.
 */
export function bound(
  config: AxiosRequestConfig | undefined,
  binding: GrantBinding | undefined,
  own?: AxiosRequestConfig,
): AxiosRequestConfig {
  const copy: AxiosRequestConfig = Object.assign({}, config, own);
  if (binding && config?.oauth?.withholdToken !== true) copy.oauth = binding as object;
  return copy;
}
