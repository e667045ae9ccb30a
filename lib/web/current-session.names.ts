import type { DiscoveryService } from '@nestjs/core';
import { memoised } from '../compliance/memoised.js';
import { unknownClient } from '../session/client-names.js';

/** A handler that names a client in the code. */
interface NamedClient {
  readonly method: PropertyKey;
  readonly client: string;
}

const KEY = Symbol('nestjs-oauth-client.current-session');
/** Where nobody names one, nobody is looked at. */
let isNamed = false;

/** Notes on the class of a handler which client it names, for {@link misnamedSessions}. */
export function noteName(target: object, method: PropertyKey, client: string): void {
  const type = target.constructor;
  isNamed = true;
  Reflect.defineMetadata(KEY, [...namesOf(type), { method, client }], type);
}

/**
 * A sentence on every name in `@CurrentSession` that no client has so far: of controllers, and of
 * resolvers and gateways, which are providers.
 */
export function misnamedSessions(
  discovery: DiscoveryService,
  configured: readonly string[],
): string[] {
  if (!isNamed) return [];
  const handlers = new Map<string, Set<string>>();
  const known = memoised(namesOf);
  for (const wrapper of [...discovery.getControllers(), ...discovery.getProviders()]) {
    const type: unknown = (wrapper.instance as object | null)?.constructor ?? wrapper.metatype;
    if (typeof type !== 'function') continue;
    for (const { method, client } of known(type)) {
      if (configured.includes(client)) continue;
      const those = handlers.get(client) ?? new Set();
      handlers.set(client, those.add(`${type.name}.${String(method)}`));
    }
  }
  return [...handlers].map(([client, those]) => {
    const { problem, remedy } = unknownClient(client, configured);
    return `@CurrentSession("${client}") of ${[...those].join(', ')}: ${problem} ${remedy}`;
  });
}

function namesOf(type: object): readonly NamedClient[] {
  return (Reflect.getMetadata(KEY, type) ?? []) as readonly NamedClient[];
}
