import type { CanActivate, NestInterceptor, Type } from '@nestjs/common';
import { ContextIdFactory, type ModuleRef } from '@nestjs/core';
import { ConfigurationError } from '../../errors/configuration.errors.js';
import type { OAuthRoutesOptions } from '../web.options.js';

/** How an instance of a class is had for a request. */
type Source<T> = (request: object) => Promise<T>;

/** The guards and interceptors that the module's options name for the routes. */
export class RoutesParts {
  readonly #modules: ModuleRef;
  readonly #options: OAuthRoutesOptions | undefined;
  #guards: readonly Source<CanActivate>[] = [];
  #interceptors: readonly Source<NestInterceptor>[] = [];

  constructor(modules: ModuleRef, options: OAuthRoutesOptions | undefined) {
    this.#modules = modules;
    this.#options = options;
  }

  /**
   * Finds, or makes, all of them, at boot.
   *
   * @throws ConfigurationError for a class that cannot be made.
   */
  async onModuleInit(): Promise<void> {
    const { guards = [], interceptors = [] } = this.#options ?? {};
    this.#guards = await Promise.all(guards.map((type) => this.#source(type)));
    this.#interceptors = await Promise.all(interceptors.map((type) => this.#source(type)));
  }

  /** The guards for a request, in their order. */
  guards(request: object): Promise<CanActivate[]> {
    return Promise.all(this.#guards.map((source) => source(request)));
  }

  /** The interceptors for a request, in their order. */
  interceptors(request: object): Promise<NestInterceptor[]> {
    return Promise.all(this.#interceptors.map((source) => source(request)));
  }

  /** The application's own provider of a class; one that is made here, where there is none. */
  async #source<T>(type: Type<T>): Promise<Source<T>> {
    const found = this.#provided(type);
    if (found === 'scoped') {
      return (request) => {
        const contextId = ContextIdFactory.getByRequest(request);
        this.#modules.registerRequestByContextId(request, contextId);
        return this.#modules.resolve(type, contextId, { strict: false });
      };
    }
    const instance = found ?? (await this.#made(type));
    return () => Promise.resolve(instance);
  }

  #provided<T>(type: Type<T>): T | 'scoped' | undefined {
    try {
      return this.#modules.get<T>(type, { strict: false });
    } catch (error) {
      // Nest exports neither class: one says that there is no such provider, one that it is scoped.
      const name = (error as Error).constructor.name;
      if (name === 'InvalidClassScopeException') return 'scoped';
      if (name === 'UnknownElementException') return undefined;
      throw error;
    }
  }

  async #made<T>(type: Type<T>): Promise<T> {
    try {
      return await this.#modules.create(type);
    } catch (cause) {
      throw new ConfigurationError({
        problem: `The class ${type.name} in routes cannot be made: something that it injects is not at hand.`,
        remedy: 'Add it to the providers of a module of the application.',
        cause,
      });
    }
  }
}
