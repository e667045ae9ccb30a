import type { ComplianceHooks } from '../compliance/compliance.hooks.js';
import { TokenEndpointError, type EndpointName } from '../errors/endpoint.errors.js';
import { bodyExcerpt } from '../protocol/body-excerpt.js';
import type { ClientAuthentication } from '../protocol/client-authentication.js';
import type { TokenEndpointRequest, TokenEndpointResponse } from '../protocol/http-message.js';
import { redact, redactCode, secretsIn, secretsOf } from '../protocol/redact.js';
import { retryAfterSeconds } from '../protocol/retry-after.js';
import type { TokenSet } from '../protocol/token-set.js';
import { normalise } from '../protocol/token-response.normaliser.js';
import { authenticated } from './client-authenticator.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { GrantBinding } from './grant-binding.js';
import type { IdTokens } from './id-tokens.js';
import type { Reentrancy } from './reentrancy.js';
import { ConnectionFailure, type ServerConnection } from './server-connection.js';
import type { ServerMetadata } from './server-metadata.js';

/** What the callers of one client's endpoints work with. */
export interface EndpointParts {
  readonly settings: ClientSettings;
  readonly connection: ServerConnection;
  readonly metadata: ServerMetadata;
  readonly hooks: ComplianceHooks;
  readonly clock: Clock;
  readonly reentrancy: Reentrancy;
  readonly idTokens: IdTokens;
}

/** One form that is sent to an endpoint. */
export interface EndpointCall {
  readonly endpoint: Exclude<EndpointName, 'token' | 'userinfo'>;
  readonly form: URLSearchParams;
  readonly authentication: ClientAuthentication;
  readonly hook?: 'revoke_token_request' | 'introspect_token_request';
  /** The stored token set that the call is about, for the hook. */
  readonly token?: TokenSet | undefined;
  /** What to do when it fails, as one sentence. */
  readonly remedy: string;
}

/** Sends authenticated forms to the endpoints of the authorization server beside the token endpoint. */
export class EndpointCaller {
  readonly #parts: EndpointParts;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  /** Sends a form; anything but a 2xx is a {@link TokenEndpointError}. */
  async call(binding: GrantBinding, call: EndpointCall): Promise<TokenEndpointResponse> {
    const { request, secrets } = await this.#request(binding, call);
    let response: TokenEndpointResponse;
    try {
      response = await this.#parts.connection.send({ ...request, body: String(request.body) });
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      const { status } = error;
      throw this.error(binding, call, `gave ${error.message}`, { status, cause: error });
    }
    if (response.status >= 200 && response.status < 300) return response;
    const answer = normalise(response);
    const now = this.#parts.clock.now() / 1000;
    const excerpt =
      answer.kind === 'error' && answer.error === undefined
        ? bodyExcerpt(response, secrets)
        : undefined;
    const what = `answered ${response.status}${excerpt === undefined ? '' : `: "${excerpt}"`}`;
    throw this.error(binding, call, what, {
      status: response.status,
      excerpt,
      retryAfter: retryAfterSeconds(response.headers.get('retry-after'), now),
      ...(answer.kind === 'error' && {
        error: redactCode(answer.error, secrets),
        errorDescription: redact(answer.errorDescription, secrets),
        errorUri: redact(answer.errorUri, secrets),
      }),
    });
  }

  /** The error of a call. */
  error(
    { client, subject }: GrantBinding,
    { endpoint, remedy }: EndpointCall,
    what: string,
    details: Partial<ConstructorParameters<typeof TokenEndpointError>[0]>,
  ): TokenEndpointError {
    const problem = `The ${endpoint.replace('_', ' ')} endpoint ${what}.`;
    return new TokenEndpointError({ ...details, client, subject, endpoint, problem, remedy });
  }

  async #request(
    { client, subject }: GrantBinding,
    { endpoint, form, authentication, hook, token }: EndpointCall,
  ): Promise<{ request: TokenEndpointRequest; secrets: string[] }> {
    const { metadata, hooks, reentrancy } = this.#parts;
    const url = new URL(await metadata.endpoint(endpoint));
    const headers = new Headers({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    });
    const unauthenticated = { url, method: 'POST', headers, form };
    const secret = await authenticated(this.#parts, authentication, unauthenticated);
    const secrets = [...secretsOf(form, headers), ...(secret ? [secret] : [])];
    const request: TokenEndpointRequest = {
      url: unauthenticated.url,
      method: unauthenticated.method,
      headers,
      body: form,
    };
    if (!hook || !hooks.has(hook)) return { request, secrets };
    const seen = await reentrancy.within({ client, subject }, () =>
      hooks.run(hook, request, { client, subject, ...(token && { token }) }),
    );
    return { request: seen, secrets: [...secrets, ...secretsIn(seen)] };
  }
}
