import type { TokenEventType } from '../protocol/token-event.js';
import type { ComplianceHookType } from './compliance.hooks.js';

/** What the decorators wrote on a class; read by the explorer alone. */
export interface ExtensionMetadata {
  /** The names that `@ComplianceFix` was given, where the class has it. */
  readonly fixes?: readonly string[];
  /** The names that `@InterceptRefresh` was given, where the class has it. */
  readonly intercepts?: readonly string[];
  /** Methods that are compliance hooks, in the order in which they stand. */
  readonly hooks: readonly { readonly method: PropertyKey; readonly type: ComplianceHookType }[];
  /** Methods that hear of new tokens, with the clients they hear of. */
  readonly handlers: readonly {
    readonly method: PropertyKey;
    readonly names: readonly string[];
  }[];
  /** Methods that hear of events, with the types they hear of; none are all. */
  readonly observers: readonly {
    readonly method: PropertyKey;
    readonly types: readonly TokenEventType[];
  }[];
}

const KEY = Symbol('nestjs-oauth-client.extension');
const EMPTY: ExtensionMetadata = { hooks: [], handlers: [], observers: [] };

/** What the decorators wrote on a class and on what it extends. */
export function extensionMetadata(type: object): ExtensionMetadata | undefined {
  return Reflect.getMetadata(KEY, type) as ExtensionMetadata | undefined;
}

/** Adds to what is written on a class; what a parent class has is kept. */
export function extendMetadata(
  type: object,
  add: (existing: ExtensionMetadata) => Partial<ExtensionMetadata>,
): void {
  const existing = extensionMetadata(type) ?? EMPTY;
  Reflect.defineMetadata(KEY, { ...existing, ...add(existing) }, type);
}
