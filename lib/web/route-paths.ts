import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { OAuthRoutesOptions } from './web.options.js';

/** Where the routes are when nothing else is said. */
export const DEFAULT_PATH = 'oauth';

/** The routes that an address may name, as they are mounted below the option `path`. */
const ROUTES = {
  authorize: { path: ':client/authorize', method: RequestMethod.GET },
  callback: { path: ':client/callback', method: RequestMethod.GET },
  disconnect: { path: ':client/disconnect', method: RequestMethod.POST },
  connections: { path: 'connections', method: RequestMethod.GET },
} as const;

/** One of the routes. */
export type RouteName = keyof typeof ROUTES;

/** Where Nest keeps the path that a `RouterModule` gives to a module, before the application's id. */
const MODULE_PATH = '__module_path__';

/** At which paths of the application the routes of the module are. */
export class RoutePaths {
  readonly #options: OAuthRoutesOptions | undefined;
  readonly #config: ApplicationConfig;
  readonly #modules: ModulesContainer;
  /** A provider that the module of the routes alone has. */
  readonly #owned: Function;

  constructor(
    options: OAuthRoutesOptions | undefined,
    config: ApplicationConfig,
    modules: ModulesContainer,
    owned: Function,
  ) {
    this.#options = options;
    this.#config = config;
    this.#modules = modules;
    this.#owned = owned;
  }

  /** The path of a route; `undefined` where no routes are mounted. */
  of(name: RouteName, client = ''): string | undefined {
    const own = this.#segments(name);
    const named = own?.map((part) => (part === ':client' ? encodeURIComponent(client) : part));
    return named && `/${named.join('/')}`;
  }

  /**
   * The path of a route for a browser that is at another one: what stands before the whole
   * application there, such as the path of an Express application around it, stands here, too.
   */
  from(at: string, here: RouteName, there: RouteName, client: string): string {
    const own = this.#segments(here)?.length ?? 0;
    const asked = at.replace(/\/+$/, '').split('/');
    return `${asked.slice(0, Math.max(0, asked.length - own)).join('/')}${this.of(there, client)}`;
  }

  /** Whether a path is of a route. */
  is(name: RouteName, path: string): boolean {
    const own = this.#segments(name);
    const parts = segmentsOf(path);
    return (
      own?.length === parts.length &&
      own.every((part, place) => part === ':client' || part === parts[place])
    );
  }

  // Read at each use: an application sets its prefix once its modules are there.
  #segments(name: RouteName): string[] | undefined {
    if (!this.#options) return undefined;
    const { path, method } = ROUTES[name];
    const own = [this.#modulePath(), this.#options.path ?? DEFAULT_PATH, path].flatMap(segmentsOf);
    const isExcluded = this.#config
      .getGlobalPrefixOptions()
      .exclude?.some(
        ({ requestMethod, pathRegex }) =>
          [RequestMethod.ALL, -1, method].includes(requestMethod) &&
          pathRegex.test(`/${own.join('/')}`),
      );
    return isExcluded === true ? own : [...segmentsOf(this.#config.getGlobalPrefix()), ...own];
  }

  #modulePath(): string {
    const module = [...this.#modules.values()].find(({ providers }) => providers.has(this.#owned));
    const key = MODULE_PATH + this.#modules.applicationId;
    const path: unknown = module && Reflect.getMetadata(key, module.metatype);
    return typeof path === 'string' ? path : '';
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
