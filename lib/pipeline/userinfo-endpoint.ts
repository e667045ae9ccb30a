import { TokenEndpointError, type TokenEndpointErrorDetails } from '../errors/endpoint.errors.js';
import { invitesNewToken } from '../protocol/challenge.js';
import type { TokenEndpointResponse } from '../protocol/http-message.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { GrantBinding } from './grant-binding.js';
import { SignedTokenFault, type IdTokens } from './id-tokens.js';
import { ConnectionFailure, type ServerConnection } from './server-connection.js';
import type { ServerMetadata } from './server-metadata.js';
import type { TokenSource } from './token-source.js';

/** What the server says of the user. OpenID Connect Core 1.0, section 5.3.2. */
export interface UserInfo {
  /** Who it is, at this server; servers that do not speak OpenID Connect may name none. */
  readonly sub?: string;
  readonly [claim: string]: unknown;
}

/** Asks the authorization server about the user whose token it is. */
export class UserinfoEndpoint {
  readonly #connection: ServerConnection;
  readonly #metadata: ServerMetadata;
  readonly #idTokens: IdTokens;

  constructor(parts: {
    connection: ServerConnection;
    metadata: ServerMetadata;
    idTokens: IdTokens;
  }) {
    this.#connection = parts.connection;
    this.#metadata = parts.metadata;
    this.#idTokens = parts.idTokens;
  }

  /**
   * The claims; a token that is refused is renewed once, as on a call to the API.
   *
   * @param subject - Whom they must be about, where the token itself does not say.
   */
  async claims(
    binding: GrantBinding,
    source: Pick<TokenSource, 'token' | 'afterRejection'>,
    subject?: string,
  ): Promise<UserInfo> {
    let token = await source.token(binding);
    let response = await this.#ask(binding, token);
    const challenge = response.headers.get('www-authenticate') ?? undefined;
    if (response.status === 401 && invitesNewToken(challenge)) {
      const renewed = await source.afterRejection(binding, token);
      if (renewed) [token, response] = [renewed, await this.#ask(binding, renewed)];
    }
    const { status } = response;
    if (status !== 200) throw this.#error(binding, `answered ${status}`, { status });
    return this.#judge(binding, response, token.claims?.sub ?? subject);
  }

  async #ask(binding: GrantBinding, token: TokenSet): Promise<TokenEndpointResponse> {
    const url = new URL(await this.#metadata.endpoint('userinfo'));
    const headers = new Headers({
      accept: 'application/json, application/jwt',
      authorization: `Bearer ${token.accessToken}`,
    });
    try {
      return await this.#connection.send({ url, method: 'GET', headers });
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      const { status } = error;
      throw this.#error(binding, `gave ${error.message}`, { status, cause: error });
    }
  }

  async #judge(
    binding: GrantBinding,
    response: TokenEndpointResponse,
    subject: string | undefined,
  ): Promise<UserInfo> {
    const { status } = response;
    const isSigned = response.headers.get('content-type')?.includes('application/jwt') === true;
    const claims = isSigned
      ? await this.#verified(binding, response.body)
      : (response.json() as UserInfo | null | undefined);
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw this.#error(binding, 'answered something that is no set of claims', { status });
    }
    // Section 5.3.4: the answer may be about somebody else, and must not be used then.
    const mustNameUser = subject !== undefined || this.#metadata.issuer !== undefined;
    if (mustNameUser && (typeof claims.sub !== 'string' || claims.sub === '')) {
      throw this.#error(binding, 'answered claims without a subject', { status });
    }
    if (subject !== undefined && claims.sub !== subject) {
      throw this.#error(binding, 'answered claims about another user than the ID token', {
        status,
      });
    }
    return claims;
  }

  async #verified(binding: GrantBinding, jwt: string): Promise<UserInfo> {
    try {
      return await this.#idTokens.verifyUserinfo(jwt);
    } catch (error) {
      if (!(error instanceof SignedTokenFault)) throw error;
      throw this.#error(binding, `answered a signed answer that is refused: ${error.message}`, {});
    }
  }

  #error(
    { client, subject }: GrantBinding,
    what: string,
    details: Partial<TokenEndpointErrorDetails>,
  ): TokenEndpointError {
    return new TokenEndpointError({
      ...details,
      client,
      subject,
      endpoint: 'userinfo',
      problem: `The userinfo endpoint ${what}.`,
      remedy: 'Check userinfoEndpoint, and whether the scope has openid.',
    });
  }
}
