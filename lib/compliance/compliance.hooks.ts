import type { InternalAxiosRequestConfig } from 'axios';
import { ConfigurationError, HandlerError } from '../errors/configuration.errors.js';
import type { TokenEndpointRequest, TokenEndpointResponse } from '../protocol/http-message.js';
import { TimeLimitError, withinLimit } from '../protocol/time-limit.js';
import type { TokenSet } from '../protocol/token-set.js';
import { hookResultProblem } from './hook-results.js';

/** How long one hook or handler may take, in milliseconds: others wait for what comes of it. */
export const HANDLER_LIMIT_MS = 10_000;

/** A call to the API as `protected_request` hooks see it: the axios config, its body serialised. */
export type ProtectedRequest = InternalAxiosRequestConfig;

/** What a hook is told besides the value it transforms. */
export interface HookContext {
  /** The client, as it is registered. */
  readonly client: string;
  /** Whose token; `''` is the client itself. */
  readonly subject: string;
}

/** What a `protected_request` hook is told besides the request. */
export interface ProtectedRequestContext extends HookContext {
  /** The token that will be attached, after any renewal. */
  readonly token: TokenSet;
}

/** What a `revoke_token_request` hook is told besides the request. */
export interface RevocationContext extends HookContext {
  /** The stored token set that is being revoked; absent for a token that the application gave. */
  readonly token?: TokenSet;
}

/** What each hook type transforms, and what it is told. */
export interface ComplianceHookSignatures {
  /**
   * The request for a first token, of whatever grant: a code, a password, a device code, an
   * assertion. The requests before it, of device authorization among them, no hook sees.
   */
  access_token_request: [TokenEndpointRequest, HookContext];
  /** The answer to it. */
  access_token_response: [TokenEndpointResponse, HookContext];
  /** The request for a renewal. */
  refresh_token_request: [TokenEndpointRequest, HookContext];
  /** The answer to it. */
  refresh_token_response: [TokenEndpointResponse, HookContext];
  /** A call to the API. */
  protected_request: [ProtectedRequest, ProtectedRequestContext];
  /** The request to revoke a token. */
  revoke_token_request: [TokenEndpointRequest, RevocationContext];
  /** The request to introspect a token. */
  introspect_token_request: [TokenEndpointRequest, HookContext];
}

/** The points at which a provider's oddities can be mended. */
export type ComplianceHookType = keyof ComplianceHookSignatures;

/**
 * Transforms a request or response of one type: it returns the value, the same or another; what it
 * throws aborts the request.
 */
export type ComplianceHook<T extends ComplianceHookType = ComplianceHookType> = (
  value: ComplianceHookSignatures[T][0],
  context: ComplianceHookSignatures[T][1],
) => ComplianceHookSignatures[T][0] | Promise<ComplianceHookSignatures[T][0]>;

/** Every hook type there is. */
export const COMPLIANCE_HOOK_TYPES: readonly ComplianceHookType[] = [
  'access_token_request',
  'access_token_response',
  'refresh_token_request',
  'refresh_token_response',
  'protected_request',
  'revoke_token_request',
  'introspect_token_request',
];

type StoredHook = (value: object, context: HookContext) => unknown;

/** The hooks of one client, run in the order in which they were registered. */
export class ComplianceHooks {
  readonly #client: string;
  readonly #hooks = new Map<ComplianceHookType, readonly StoredHook[]>();

  constructor(client: string) {
    this.#client = client;
  }

  /** Registers a hook; returns its removal. */
  register<T extends ComplianceHookType>(type: T, hook: ComplianceHook<T>): () => void {
    if (!COMPLIANCE_HOOK_TYPES.includes(type)) {
      throw new ConfigurationError({
        client: this.#client,
        problem: `There is no compliance hook of type "${type}".`,
        remedy: `Use one of ${COMPLIANCE_HOOK_TYPES.join(', ')}.`,
      });
    }
    if (typeof hook !== 'function') {
      throw new ConfigurationError({
        client: this.#client,
        problem: `The ${type} hook that was registered is ${typeof hook}.`,
        remedy: 'Pass a function; look why it is missing.',
      });
    }
    const entry: StoredHook = (value, context) =>
      hook(value as ComplianceHookSignatures[T][0], context);
    this.#hooks.set(type, [...(this.#hooks.get(type) ?? []), entry]);
    return () => {
      const left = (this.#hooks.get(type) ?? []).filter((other) => other !== entry);
      this.#hooks.set(type, left);
    };
  }

  /** Whether there is a hook of this type. */
  has(type: ComplianceHookType): boolean {
    return (this.#hooks.get(type)?.length ?? 0) > 0;
  }

  async #within(
    type: ComplianceHookType,
    { subject }: HookContext,
    work: unknown,
  ): Promise<unknown> {
    try {
      return await withinLimit(work, HANDLER_LIMIT_MS);
    } catch (cause) {
      if (!(cause instanceof TimeLimitError)) throw cause;
      throw new HandlerError({
        client: this.#client,
        subject,
        problem: `A ${type} hook did not end within ${HANDLER_LIMIT_MS} ms.`,
        remedy: 'Look what it waits for; a hook may not wait for the token that it is part of.',
        cause,
      });
    }
  }

  /** Passes a value through every hook of a type, one after the other. */
  async run<T extends ComplianceHookType>(
    type: T,
    value: ComplianceHookSignatures[T][0],
    context: ComplianceHookSignatures[T][1],
  ): Promise<ComplianceHookSignatures[T][0]> {
    let current = value;
    for (const hook of this.#hooks.get(type) ?? []) {
      const next = await this.#within(type, context, hook(current, context));
      const unusable = hookResultProblem(type, next);
      if (unusable) {
        throw new HandlerError({ client: this.#client, subject: context.subject, ...unusable });
      }
      current = next as ComplianceHookSignatures[T][0];
    }
    return current;
  }
}
