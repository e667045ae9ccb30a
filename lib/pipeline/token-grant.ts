import type { Params } from '../protocol/params.js';

/** What a {@link TokenGrant} is told of the token that is asked for. */
export interface GrantContext {
  /** The client, as it is registered. */
  readonly client: string;
  /** The client identifier at the authorization server. */
  readonly clientId: string;
  /** Whose token; `''` is the client itself. */
  readonly subject: string;
  /** The scope to ask for. */
  readonly scope: readonly string[];
  /** Where the request goes. */
  readonly tokenEndpoint: string;
  /** The issuer, where it is known. */
  readonly issuer: string | undefined;
  /** The present, in epoch seconds. */
  readonly now: number;
}

/**
 * A way to get a token without the user's help. Implement it for a grant of your own, inject what
 * it needs, and hand the instance to the client's options: first tokens and renewals alike are
 * asked for with the parameters that it makes, anew for each request.
 *
 * @example
 * ```ts
 * @Injectable()
 * class WorkloadIdentity implements TokenGrant {
 *   readonly type = 'urn:ietf:params:oauth:grant-type:token-exchange';
 *   async params(): Promise<Params> {
 *     return { subject_token: await readFile('/var/run/token', 'utf8') };
 *   }
 * }
 * ```
 */
export interface TokenGrant {
  /** The value of `grant_type`. RFC 6749, section 4.5. */
  readonly type: string;
  /**
   * For whom it gets tokens: the client itself, or a named subject, too, where the subject is part
   * of the grant.
   *
   * @defaultValue `'client'`
   */
  readonly actsFor?: 'client' | 'client or subject';
  /** Whether the scope is part of the parameters already, and not to be sent beside them. */
  readonly scopeInClaim?: boolean;
  /** The parameters of one token request, besides `grant_type`, `scope` and client authentication. */
  params(context: GrantContext): Params | Promise<Params>;
}

/** A grant whose parameters are always the same: none of the application's code makes them. */
export class FixedGrant implements TokenGrant {
  readonly type: string;
  readonly #params: Params;

  constructor({ type, params = {} }: ExtensionGrant) {
    this.type = type;
    this.#params = params;
  }

  params(): Params {
    return this.#params;
  }
}

/** An extension grant whose parameters are always the same. RFC 6749, section 4.5. */
export interface ExtensionGrant {
  /** The value of `grant_type`, usually a URN. */
  readonly type: string;
  /** Its parameters. */
  readonly params?: Params;
}
