import type { UserInfo } from '../pipeline/userinfo-endpoint.js';
import type { IdTokenClaims } from '../protocol/token-record.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { WebRequest } from './web.options.js';

/** What an `@OnAuthorized` handler is given. */
export interface AuthorizedContext {
  /** The client, as it is registered. */
  readonly client: string;
  /** The token, stored nowhere yet. */
  readonly token: TokenSet;
  /** The claims of the ID token, verified; with OpenID Connect alone. */
  readonly claims?: IdTokenClaims;
  /**
   * Asks the server about the user, with the fresh token. OpenID Connect Core 1.0, section 5.3.
   *
   * @throws TokenEndpointError; ConfigurationError when no userinfo endpoint is known.
   */
  readonly userInfo: () => Promise<UserInfo>;
  /** Who was signed in at the application already; another answer than this is refused. */
  readonly subject?: string;
  /** Where inside the application the flow returns to. */
  readonly returnTo?: string;
  /** The request of the callback: renew the application's own session on it. */
  readonly request: WebRequest;
  /** The response, as Express or Fastify hands it over: set cookies on it, and send nothing. */
  // It is of the platform, which the library does not choose.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly response: any;
}

/** Answers under which subject a token is stored; nothing where the account may not sign in. */
export type SignInHandler = (
  context: AuthorizedContext,
) => string | null | undefined | Promise<string | null | undefined>;

/** What stands on a class: which of its methods sign users of which clients in. */
export type SignInMetadata = readonly {
  readonly method: PropertyKey;
  readonly clients: readonly string[];
}[];

const KEY = Symbol('nestjs-oauth-client.sign-in');

/**
 * Marks the method that signs users in by their account at these clients' servers: the routes ask
 * it, once a callback was found good and its code exchanged, under which subject the token is to be
 * stored. What it throws, or answers with nothing, ends the flow, and the token is revoked; an
 * `HttpException` is answered as such. It may take 10 seconds. Methods of singletons only.
 *
 * Renew the application's own session in it, or who planted the former one is signed in, too.
 *
 * @example
 * ```ts
 * @OnAuthorized('github')
 * async signIn({ userInfo, request }: AuthorizedContext): Promise<string> {
 *   const { id } = await this.users.findOrCreate(await userInfo());
 *   await promisify(request.session.regenerate).call(request.session);
 *   request.session.userId = id;
 *   return id;
 * }
 * ```
 */
export function OnAuthorized(
  ...clients: [string, ...string[]]
): <T extends SignInHandler>(
  target: object,
  key: PropertyKey,
  descriptor: TypedPropertyDescriptor<T>,
) => void {
  return (target, method) => {
    const type = target.constructor;
    const former = signInMetadata(type) ?? [];
    Reflect.defineMetadata(KEY, [...former, { method, clients }], type);
  };
}

/** What {@link OnAuthorized} wrote on a class and on what it extends. */
export function signInMetadata(type: object): SignInMetadata | undefined {
  return Reflect.getMetadata(KEY, type) as SignInMetadata | undefined;
}
