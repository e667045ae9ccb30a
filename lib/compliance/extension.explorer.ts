import type { Type } from '@nestjs/common';
import type { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ComplianceHook, ComplianceHooks } from './compliance.hooks.js';
import { extensionMetadata, type ExtensionMetadata } from './extension.metadata.js';
import { memoised } from './memoised.js';
import type { RefreshInterceptor, RefreshInterceptors } from './refresh.interceptor.js';
import { TokenEventObservers } from './token-event.observers.js';
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

interface Found {
  /** Its provider; an alias of another provider has the same instance. */
  readonly id: object;
  readonly of: () => Instance;
  readonly type: Function;
  readonly metadata: ExtensionMetadata;
}

interface Attached {
  readonly found: Found[];
  /** Classes whose hooks are registered. */
  readonly fixes: Set<Function>;
}

type Instance = Record<PropertyKey, (...args: unknown[]) => unknown>;

/**
 * Finds the application's hooks, handlers and interceptors among its providers and attaches them to
 * the clients they name. May run any number of times; what is attached already stays as it is.
 */
export class ExtensionExplorer {
  readonly #discovery: DiscoveryService;
  readonly #modules: ModulesContainer;
  /** What is attached to each client. */
  readonly #targets = new Map<ExtensionTarget, Attached>();
  readonly #own = new Map<Type, Instance>();
  /** Providers whose methods hear of events, which are those of all clients. */
  readonly #heard: Found[] = [];
  /** What the last look found. */
  #found: readonly Found[] = [];
  /** How many modules there were at the last look; none while some were not ready then. */
  #explored: number | undefined;

  /** Who hears of events. */
  readonly observers = new TokenEventObservers();

  constructor(discovery: DiscoveryService, modules: ModulesContainer) {
    this.#discovery = discovery;
    this.#modules = modules;
  }

  /** Attaches what there is to a client, now and whenever more is found. */
  add(target: ExtensionTarget): void {
    this.#targets.set(target, { found: [], fixes: new Set() });
    if (this.#explored === this.#modules.size) this.#attachAll(target);
    else this.#explore();
  }

  /** Leaves a client alone from now on. */
  remove(target: ExtensionTarget): void {
    this.#targets.delete(target);
  }

  /** Looks again where modules were loaded since, or were not ready. Costs a comparison otherwise. */
  refresh(): void {
    if (this.#explored !== this.#modules.size) this.#explore();
  }

  #explore(): void {
    const modules = this.#modules.size;
    const { found, pending } = this.#look();
    for (const one of found) this.#observe(one);
    this.#found = found;
    for (const target of this.#targets.keys()) this.#attachAll(target);
    this.#explored = pending ? undefined : modules;
  }

  #attachAll(target: ExtensionTarget): void {
    for (const type of target.fixes) this.#attach(target, this.#listed(target, type), true);
    for (const one of this.#found) this.#attach(target, one, matches(one.metadata.fixes, target));
  }

  #look(): { found: Found[]; pending: boolean } {
    const found: Found[] = [];
    let pending = false;
    const known = memoised(extensionMetadata);
    for (const wrapper of [
      ...this.#discovery.getProviders(),
      ...this.#discovery.getControllers(),
    ]) {
      const instance = wrapper.instance as Instance | null | undefined;
      const type: unknown = instance?.constructor ?? wrapper.metatype;
      const metadata = typeof type === 'function' ? known(type) : undefined;
      if (!metadata || typeof type !== 'function') continue;
      if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) throw notStatic(type.name);
      // Nest may replace the instance until it is resolved, so it is looked up at each call.
      if (instance)
        found.push({ id: wrapper, of: () => wrapper.instance as Instance, type, metadata });
      else pending = true;
    }
    return { found, pending };
  }

  #observe(one: Found): void {
    const { observers } = one.metadata;
    if (observers.length === 0 || isAmong(this.#heard, one)) return;
    this.#heard.push(one);
    const call = callOf(one);
    for (const method of new Set(observers.map((observer) => observer.method))) {
      const lists = observers.filter((other) => other.method === method).map(({ types }) => types);
      // A subclass that decorates again what it overrides hears of what either names, once.
      const types = new Set(lists.some(({ length }) => length === 0) ? [] : lists.flat());
      const name = `${one.type.name}.${String(method)}`;
      this.observers.add({ name, types, hear: call(method) });
    }
  }

  /** A class from `fixes`: the application's provider of it, else one made here. */
  #listed({ name }: ExtensionTarget, type: Type): Found {
    const metadata = extensionMetadata(type);
    if (!metadata || metadata.hooks.length === 0) throw noHooks(name, type.name);
    const provided = this.#found.find((candidate) => candidate.type === type);
    if (provided) return provided;
    if (type.length > 0) throw notProvided(name, type.name);
    const instance = this.#own.get(type) ?? (new type() as Instance);
    this.#own.set(type, instance);
    return { id: instance, of: () => instance, type, metadata };
  }

  #attach(target: ExtensionTarget, one: Found, asFix: boolean): void {
    const attached = this.#targets.get(target);
    const { type: own, metadata } = one;
    if (!attached || isAmong(attached.found, one)) return;
    attached.found.push(one);
    // Two instances of a class are one fix: what it mends is to be mended once.
    const mends = asFix && !attached.fixes.has(own);
    if (mends) attached.fixes.add(own);
    const call = callOf(one);
    const concerns = (names: readonly string[]) =>
      names.length === 0 || names.includes(target.name);
    for (const { method, type } of mends ? metadata.hooks : []) {
      target.hooks.register(type, call(method) as ComplianceHook);
    }
    const heard = metadata.handlers.filter(({ names }) => concerns(names));
    for (const method of new Set(heard.map((handler) => handler.method))) {
      target.handlers.add(call(method));
    }
    if (metadata.intercepts && concerns(metadata.intercepts)) {
      const intercept = call('intercept') as RefreshInterceptor['intercept'];
      target.interceptors.add(own.name, { intercept });
    }
  }
}

/** Whether it is there already, under this name or as an alias. */
function isAmong(found: readonly Found[], { id, of }: Found): boolean {
  return found.some((other) => other.id === id || other.of() === of());
}

function callOf({ of }: Found) {
  return (method: PropertyKey) =>
    (...args: unknown[]) =>
      of()[method]!(...args);
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
