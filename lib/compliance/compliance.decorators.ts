import type { TokenEndpointRequest, TokenEndpointResponse } from '../protocol/http-message.js';
import type { TokenEvent, TokenEventType } from '../protocol/token-event.js';
import type { TokenSet } from '../protocol/token-set.js';
import type {
  ComplianceHookType,
  HookContext,
  ProtectedRequest,
  ProtectedRequestContext,
  RevocationContext,
} from './compliance.hooks.js';
import { extendMetadata } from './extension.metadata.js';
import type { RefreshInterceptor } from './refresh.interceptor.js';
import { demandEventTypes } from './token-event.observers.js';
import type { TokenUpdatedContext } from './token-updated.handlers.js';

type Class<T> = abstract new (...injected: never[]) => T;
/** A decorator for methods that take these arguments, or fewer, and return that, or a promise of it. */
type Method<Arguments extends unknown[], Result> = <
  T extends (...args: Arguments) => Result | Promise<Result>,
>(
  target: object,
  key: PropertyKey,
  descriptor: TypedPropertyDescriptor<T>,
) => void;
type RequestHook = Method<[TokenEndpointRequest, HookContext], TokenEndpointRequest>;
type ResponseHook = Method<[TokenEndpointResponse, HookContext], TokenEndpointResponse>;

/**
 * Marks a provider whose methods mend the oddities of a provider of OAuth: those of the clients
 * that have one of these names, or name one of them as their `provider`. Without names the class is
 * used by clients that list it in `fixes`. The hooks of a class run once, also where several modules
 * provide it.
 *
 * @example
 * ```ts
 * @Injectable()
 * @ComplianceFix('slack')
 * export class SlackFix {
 *   @OnAccessTokenResponse()
 *   unwrap(response: TokenEndpointResponse): TokenEndpointResponse {
 *     return response.withJson((response.json() as { authed_user: unknown }).authed_user);
 *   }
 * }
 * ```
 */
export function ComplianceFix(...names: string[]): (type: Class<unknown>) => void {
  return (type) => extendMetadata(type, () => ({ fixes: names }));
}

/**
 * Transforms the request for a first token: the token request of every grant but a renewal by
 * refresh token, its client authentication on it. The device authorization request (RFC 8628,
 * section 3.1) is no token request, and no hook sees it.
 */
export const OnAccessTokenRequest = (): RequestHook => hook('access_token_request');

/** Transforms the answer to a request for a first token, before it is understood. */
export const OnAccessTokenResponse = (): ResponseHook => hook('access_token_response');

/** Transforms the request for a renewal. */
export const OnRefreshTokenRequest = (): RequestHook => hook('refresh_token_request');

/** Transforms the answer to a renewal, before it is understood. */
export const OnRefreshTokenResponse = (): ResponseHook => hook('refresh_token_response');

/** Transforms a call to the API, once its token is known and before it is attached. */
export const OnProtectedRequest = (): Method<
  [ProtectedRequest, ProtectedRequestContext],
  ProtectedRequest
> => hook('protected_request');

/** Transforms the request to revoke a token. RFC 7009. */
export const OnRevokeTokenRequest = (): Method<
  [TokenEndpointRequest, RevocationContext],
  TokenEndpointRequest
> => hook('revoke_token_request');

/** Transforms the request to introspect a token. RFC 7662. */
export const OnIntrospectTokenRequest = (): RequestHook => hook('introspect_token_request');

/**
 * Marks a method of any provider that hears of new tokens of these clients, of all without names:
 * in the process that obtained the token, after it is stored and before it is used. A handler that
 * throws, or takes over 10 s, fails the calls that wait, never the stored token.
 */
export function OnTokenUpdated(
  ...names: string[]
): Method<[TokenSet, TokenUpdatedContext], unknown> {
  return (target, method) =>
    extendMetadata(target.constructor, ({ handlers }) => ({
      handlers: [...handlers, { method, names }],
    }));
}

/**
 * Marks a method of any provider or controller that hears of these events, of all without types: of
 * every client, those registered at run time included. It watches and can break nothing: it is
 * called after the fact and outside any request, no renewal waits for it, and what it throws is
 * logged. Shutdown waits for it, 10 s at most.
 *
 * @throws ConfigurationError for a type that there is not.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class Reconnections {
 *   @OnTokenEvent('reauthorization_required')
 *   async ask({ client, subject }: TokenEvent): Promise<void> {
 *     await this.mails.askToConnectAgain(subject, client);
 *   }
 * }
 * ```
 */
export function OnTokenEvent(...types: TokenEventType[]): Method<[TokenEvent], unknown> {
  demandEventTypes(types);
  return (target, method) =>
    extendMetadata(target.constructor, ({ observers }) => ({
      observers: [...observers, { method, types }],
    }));
}

/**
 * Marks a provider that wraps each acquisition of a token of these clients, of all without names.
 * It implements {@link RefreshInterceptor}.
 */
export function InterceptRefresh(...names: string[]): (type: Class<RefreshInterceptor>) => void {
  return (type) => extendMetadata(type, () => ({ intercepts: names }));
}

function hook(type: ComplianceHookType): (target: object, method: PropertyKey) => void {
  return (target, method) =>
    extendMetadata(target.constructor, ({ hooks }) => {
      // A subclass that decorates again what it overrides means the same hook.
      const known = hooks.some((other) => other.method === method && other.type === type);
      return known ? {} : { hooks: [...hooks, { method, type }] };
    });
}
