import type { Type } from '@nestjs/common';
import type { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ComplianceHook, ComplianceHooks } from './compliance.hooks.js';
import { extensionMetadata, type ExtensionMetadata } from './extension.metadata.js';
import type { RefreshInterceptor, RefreshInterceptors } from './refresh.interceptor.js';
import type { TokenUpdatedHandlers } from './token-updated.handlers.js';

/** One client as far as extensions are concerned: who it is, and where they attach. */
export interface ExtensionTarget {
  readonly name: string;
  /** What `@ComplianceFix` also matches. */
  readonly provider: string | undefined;
  /** Hook classes that the client's options list. */
  readonly fixes: readonly Type[];
  readonly hooks: ComplianceHooks;
  readonly handlers: TokenUpdatedHandlers;
  readonly interceptors: RefreshInterceptors;
}

type Instance = Record<PropertyKey, (...args: unknown[]) => unknown>;

/**
 * Finds the application's hooks, handlers and interceptors among its providers and attaches them to
 * the clients they name. May run any number of times; what is attached already stays as it is.
 */
export class ExtensionExplorer {
  readonly #discovery: DiscoveryService;
  readonly #modules: ModulesContainer;
  readonly #attached = new WeakMap<ExtensionTarget, WeakSet<object>>();
  #explored = { modules: 0, complete: false };

  constructor(discovery: DiscoveryService, modules: ModulesContainer) {
    this.#discovery = discovery;
    this.#modules = modules;
  }

  /** Whether modules were loaded since the last look, or some had not been ready then. */
  get outdated(): boolean {
    return !this.#explored.complete || this.#explored.modules !== this.#modules.size;
  }

  /** Attaches what there is to these clients. */
  attach(targets: Iterable<ExtensionTarget>): void {
    const modules = this.#modules.size;
    const found = this.#found();
    for (const target of targets) {
      const listed = target.fixes.map((type) => this.#listed(target, type, found));
      for (const { instance, metadata } of found) {
        if (listed.includes(instance)) continue;
        this.#attach(target, instance, metadata, matches(metadata.fixes, target));
      }
    }
    this.#explored = { modules, complete: found.every(({ instance }) => instance !== undefined) };
  }

  #found(): { instance: Instance; type: object; metadata: ExtensionMetadata }[] {
    return [...this.#discovery.getProviders(), ...this.#discovery.getControllers()].flatMap(
      (wrapper) => {
        const type = (wrapper.instance as object | undefined)?.constructor ?? wrapper.metatype;
        const metadata = typeof type === 'function' ? extensionMetadata(type) : undefined;
        if (!metadata || typeof type !== 'function') return [];
        if (!wrapper.isDependencyTreeStatic()) throw notStatic(type.name);
        const instance = wrapper.instance as Instance | undefined;
        return instance ? [{ instance, type, metadata }] : [];
      },
    );
  }

  /** A class from `fixes`: the application's provider of it, else one made here. */
  #listed(
    target: ExtensionTarget,
    type: Type,
    found: readonly { instance: Instance; type: object }[],
  ): object {
    const existing = found.find((candidate) => candidate.type === type)?.instance;
    const metadata = extensionMetadata(type);
    if (!metadata || metadata.hooks.length === 0) throw noHooks(target.name, type.name);
    if (!existing && type.length > 0) throw notProvided(target.name, type.name);
    const instance = existing ?? this.#made(type);
    this.#attach(target, instance, metadata, true);
    return instance;
  }

  readonly #own = new Map<Type, Instance>();
  #made(type: Type): Instance {
    const instance = this.#own.get(type) ?? (new type() as Instance);
    this.#own.set(type, instance);
    return instance;
  }

  #attach(
    target: ExtensionTarget,
    instance: Instance,
    metadata: ExtensionMetadata,
    asFix: boolean,
  ): void {
    const attached = this.#attached.get(target) ?? new WeakSet();
    this.#attached.set(target, attached);
    if (attached.has(instance)) return;
    attached.add(instance);
    const call = (method: PropertyKey) => instance[method]!.bind(instance);
    if (asFix) {
      for (const { method, type } of metadata.hooks) {
        target.hooks.register(type, call(method) as ComplianceHook);
      }
    }
    for (const { method, names } of metadata.handlers) {
      if (names.length === 0 || names.includes(target.name)) {
        target.handlers.add(call(method));
      }
    }
    const { intercepts } = metadata;
    if (intercepts && (intercepts.length === 0 || intercepts.includes(target.name))) {
      target.interceptors.add(instance as unknown as RefreshInterceptor);
    }
  }
}

function matches(names: readonly string[] | undefined, target: ExtensionTarget): boolean {
  if (!names) return false;
  return names.includes(target.name) || (!!target.provider && names.includes(target.provider));
}

function notStatic(name: string): ConfigurationError {
  return new ConfigurationError({
    problem: `${name} is request-scoped or transient, and holds hooks or handlers of tokens.`,
    remedy: 'Make it, and what it injects, a singleton: renewals belong to no request.',
  });
}

function noHooks(client: string, name: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: `The class ${name} in fixes has no hook methods.`,
    remedy: 'Decorate its methods with @OnAccessTokenResponse() or another hook decorator.',
  });
}

function notProvided(client: string, name: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: `The class ${name} in fixes injects something, and no module provides it.`,
    remedy: 'Add it to the providers of a module.',
  });
}
