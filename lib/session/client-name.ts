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
