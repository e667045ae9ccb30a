import { Inject, type InjectionToken } from '@nestjs/common';

/**
 * The names of the clients of an application. Merge yours in, and a misspelt `@OAuthClient()` does
 * not compile.
 *
 * @example
 * ```ts
 * declare module 'nestjs-oauth-client' {
 *   interface OAuthClients {
 *     github: true;
 *     billing: true;
 *   }
 * }
 * ```
 */
export interface OAuthClients {}

/** A name of a client: any text, until names are merged into {@link OAuthClients}. */
export type OAuthClientName = keyof OAuthClients extends never ? string : keyof OAuthClients;

/**
 * Injects the session of a client.
 *
 * @example
 * ```ts
 * constructor(@OAuthClient('github') private readonly github: OAuthSession) {}
 * ```
 */
export function OAuthClient(name: OAuthClientName): ParameterDecorator & PropertyDecorator {
  return Inject(getOAuthClientToken(name));
}

/**
 * The injection token of a client's session, for `overrideProvider` in tests.
 *
 * @example
 * ```ts
 * builder.overrideProvider(getOAuthClientToken('github')).useValue(session);
 * ```
 */
export function getOAuthClientToken(name: string): InjectionToken {
  return `OAuthClient(${name})`;
}
