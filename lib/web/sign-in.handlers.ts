import type { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { memoised } from '../compliance/memoised.js';
import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import { signInMetadata, type SignInHandler } from './on-authorized.decorator.js';

type Instance = Record<PropertyKey, SignInHandler>;

interface Found {
  readonly type: Function;
  readonly method: PropertyKey;
  readonly isSingleton: boolean;
  readonly handler: SignInHandler;
}

/** The `@OnAuthorized` methods of the application, by client. */
export class SignInHandlers {
  readonly #discovery: DiscoveryService;
  readonly #modules: ModulesContainer;
  #byClient: ReadonlyMap<string, readonly Found[]> = new Map();
  /** How many modules there were at the last look. */
  #explored = 0;

  constructor(discovery: DiscoveryService, modules: ModulesContainer) {
    this.#discovery = discovery;
    this.#modules = modules;
  }

  /** What signs users of a client in, if anything does. */
  find(client: string): SignInHandler | undefined {
    return this.#found().get(client)?.[0]?.handler;
  }

  /**
   * Every mistake in how they are used.
   *
   * @param isFit - Whether users can sign in by a client.
   */
  problems(isFit: (client: string) => boolean): ConfigurationProblem[] {
    return [...this.#found()].flatMap(([client, found]) => {
      const names = found.map(({ type, method }) => `${type.name}.${String(method)}`);
      const [name] = names;
      const tell = (problem: string, remedy: string): ConfigurationProblem[] => [
        { client, option: 'OnAuthorized', problem, remedy },
      ];
      return [
        ...(isFit(client)
          ? []
          : tell(
              `${name} signs users of it in, and no route leads there.`,
              'Name a client of the grant authorization_code that is not shared and takes part in the routes, and set routes.',
            )),
        ...(found.length > 1
          ? tell(`More than one method signs users in: ${names.join(', ')}.`, 'Keep one.')
          : []),
        ...(found.every(({ isSingleton }) => isSingleton)
          ? []
          : tell(
              `The class of ${name} is request-scoped or transient.`,
              'Make it, and what it injects, a singleton; the request is handed to the method.',
            )),
      ];
    });
  }

  #found(): ReadonlyMap<string, readonly Found[]> {
    if (this.#explored === this.#modules.size) return this.#byClient;
    const byClient = new Map<string, Found[]>();
    const known = memoised(signInMetadata);
    for (const wrapper of [
      ...this.#discovery.getProviders(),
      ...this.#discovery.getControllers(),
    ]) {
      const type: unknown = (wrapper.instance as object | null)?.constructor ?? wrapper.metatype;
      const metadata = typeof type === 'function' ? known(type) : undefined;
      if (!metadata || typeof type !== 'function') continue;
      const isSingleton = !wrapper.isTransient && wrapper.isDependencyTreeStatic();
      for (const { method, clients } of metadata) {
        const handler: SignInHandler = (context) =>
          (wrapper.instance as Instance)[method]!(context);
        for (const client of new Set(clients)) {
          const others = byClient.get(client) ?? [];
          // A class that several modules provide, or an alias of it, is one handler.
          const isKnown = others.some((other) => other.type === type && other.method === method);
          if (!isKnown) byClient.set(client, [...others, { type, method, isSingleton, handler }]);
        }
      }
    }
    this.#explored = this.#modules.size;
    return (this.#byClient = byClient);
  }
}
