import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { scopeList } from '../protocol/scope.js';
import { callerSession, type ClientOfRequest } from './caller-session.js';
import { WebContext } from './web.context.js';

/** What `@RequireAuthorization` demands beside that the account is connected. */
export interface RequireAuthorizationOptions {
  /** Scope that the grant must have: a list, or text separated by spaces. */
  scope?: string | readonly string[];
}

interface Demand extends RequireAuthorizationOptions {
  readonly client: ClientOfRequest;
}

const DEMANDS = Symbol('RequireAuthorization');

/** Adds a demand to those that a class or a method has. */
export function addDemand(demand: Demand): ClassDecorator & MethodDecorator {
  return (target: object, _method?: string | symbol, descriptor?: PropertyDescriptor) => {
    const bearer = (descriptor?.value ?? target) as object;
    const earlier = (Reflect.getMetadata(DEMANDS, bearer) ?? []) as readonly Demand[];
    Reflect.defineMetadata(DEMANDS, [...earlier, demand], bearer);
  };
}

/** Holds the demands of `@RequireAuthorization`; a class of its own for `overrideGuard` in tests. */
@Injectable()
export class RequireAuthorizationGuard implements CanActivate {
  /** A class and its method may both name the guard: what was judged is not judged again. */
  readonly #judged = new WeakSet<ExecutionContext>();
  readonly #web: WebContext;
  readonly #reflector: Reflector;

  constructor(web: WebContext, reflector: Reflector) {
    this.#web = web;
    this.#reflector = reflector;
  }

  /**
   * Lets the request through, or throws.
   *
   * @throws AuthorizationRequiredError; UnauthorizedException where nobody is signed in.
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#judged.has(context)) return true;
    const targets = [context.getClass(), context.getHandler()];
    const demands = this.#reflector.getAll<(readonly Demand[] | undefined)[]>(DEMANDS, targets);
    for (const { client, scope } of demands.flatMap((some) => some ?? [])) {
      const session = await callerSession(this.#web, client, context);
      const lack = await session.lack(scopeList(scope) ?? []);
      if (lack) throw lack;
    }
    this.#judged.add(context);
    return true;
  }
}
