import {
  allowInsecureRequests,
  clockSkew,
  customFetch,
  genericTokenEndpointRequest,
  processGenericTokenEndpointResponse,
  type AuthorizationServer,
  type Client,
} from 'oauth4webapi';
import { UnsupportedTokenTypeError } from '../errors/token.errors.js';
import type {
  ClientAuthentication,
  UnauthenticatedRequest,
} from '../protocol/client-authentication.js';
import { bodyExcerpt } from '../protocol/body-excerpt.js';
import type { TokenEndpointRequest, TokenEndpointResponse } from '../protocol/http-message.js';
import { setParams } from '../protocol/params.js';
import { ParsedResponse } from '../protocol/parsed-response.js';
import { redact, redactCode, secretsIn } from '../protocol/redact.js';
import type { IdTokenClaims, TokenResponse } from '../protocol/token-record.js';
import { conforming, normalise } from '../protocol/token-response.normaliser.js';
import { retryAfterSeconds } from '../protocol/retry-after.js';
import type { AnsweredIdentities } from './answered-identities.js';
import { authenticatedTokenRequest } from './client-authenticator.js';
import type { EndpointParts } from './endpoint-caller.js';
import { connectionFailure, exchangeFailure } from './exchange-failure.js';
import type { ExchangeAttempts } from './exchange-retry.js';
import type { GrantBinding } from './grant-binding.js';
import type { GrantRequest, TokenRequestOptions } from './grant-request.js';
import { ConnectionFailure } from './server-connection.js';
import { told } from './told-acquisition.js';

/** A token response that was judged good. */
export interface GrantResponse {
  /** The answer as the server sent it. */
  readonly response: TokenResponse;
  /** The claims of its ID token, where it was verified. */
  readonly claims: IdTokenClaims | undefined;
}

/** What comes before a request is sent, as it goes out. */
type Proceed = (request: TokenEndpointRequest) => Promise<void>;

/**
 * Sends one grant request, once: built and judged by `oauth4webapi`, seen by the hooks, sent
 * through axios, normalised in between.
 */
export class TokenEndpoint {
  readonly #parts: EndpointParts & { readonly identities: AnsweredIdentities };

  constructor(parts: EndpointParts & { identities: AnsweredIdentities }) {
    this.#parts = parts;
  }

  /**
   * Asks for a token. Fails with an {@link ExchangeFailure}, which says whether the server may have
   * acted on it, or with what a hook threw.
   *
   * @param attempts - Told when the server has answered with success: what it was sent is spent.
   */
  request(
    grant: GrantRequest,
    binding: GrantBinding,
    attempts: Pick<ExchangeAttempts, 'answered' | 'told'> = {},
    proceed: () => Promise<void> = async () => undefined,
  ): Promise<GrantResponse> {
    const step = attempts.told?.request(grant.grantType);
    return told(
      step,
      () =>
        this.#request(grant, binding, attempts, async (request) => {
          await proceed();
          step?.sending(request);
        }),
      () => ({ outcome: 'success', status: attempts.answered }),
    );
  }

  async #request(
    grant: GrantRequest,
    binding: GrantBinding,
    attempts: Pick<ExchangeAttempts, 'answered'>,
    proceed: Proceed,
  ): Promise<GrantResponse> {
    const endpoint = await this.#parts.metadata.endpoint('token');
    const server: AuthorizationServer = {
      issuer: this.#parts.metadata.issuer ?? new URL(endpoint).origin,
      token_endpoint: endpoint,
    };
    const client: Client = { client_id: this.#parts.settings.clientId, [clockSkew]: this.#skew() };
    const form = new URLSearchParams();
    for (const params of grant.params) setParams(form, params);
    let answer: TokenResponse | undefined;
    const judged = await genericTokenEndpointRequest(
      server,
      client,
      () => undefined, // we authenticate ourselves, on a request that may change its address
      grant.grantType,
      form,
      {
        [allowInsecureRequests]: true,
        [customFetch]: async (url, { headers, body }) => {
          const { request, secrets } = await this.#authenticated(
            { url: new URL(url), method: 'POST', headers: new Headers(headers), form: body },
            grant.options,
            binding,
          );
          answer = await this.#send(request, grant, binding, { attempts, secrets, proceed });
          // ID tokens are ours to judge, by the server's keys and for all of its tenants.
          const { id_token: _ours, ...fields } = conforming(answer);
          return new ParsedResponse(fields);
        },
      },
    );
    return this.#judge(server, client, judged, {
      grant,
      binding,
      answer: answer!,
      status: attempts.answered ?? 200,
    });
  }

  /** A function of the application's own that asks for this very token would wait for itself. */
  #authenticated(
    request: UnauthenticatedRequest,
    options: TokenRequestOptions | undefined,
    binding: GrantBinding,
  ): ReturnType<typeof authenticatedTokenRequest> {
    const { settings, reentrancy } = this.#parts;
    const authenticate = () => authenticatedTokenRequest(this.#parts, request, options);
    return settings.asksForSecret || asksApplication(settings.authentication)
      ? reentrancy.within(binding, authenticate)
      : authenticate();
  }

  async #send(
    request: TokenEndpointRequest,
    grant: GrantRequest,
    binding: GrantBinding,
    {
      attempts,
      proceed,
      ...sent
    }: {
      attempts: Pick<ExchangeAttempts, 'answered'>;
      secrets: string[];
      proceed: Proceed;
    },
  ): Promise<TokenResponse> {
    const { hooks, reentrancy } = this.#parts;
    const context = { client: binding.client, subject: binding.subject };
    const seen = hooks.has(`${grant.step}_request`)
      ? await reentrancy.within(binding, () => hooks.run(`${grant.step}_request`, request, context))
      : request;
    await proceed(seen);
    const received = await this.#exchange(seen, grant.options).catch((error: unknown) => {
      throw error instanceof ConnectionFailure ? connectionFailure(binding, error) : error;
    });
    if (received.status >= 200 && received.status < 300) attempts.answered = received.status;
    const response = hooks.has(`${grant.step}_response`)
      ? await reentrancy.within(binding, () =>
          hooks.run(`${grant.step}_response`, received, context),
        )
      : received;
    const normalised = normalise(response);
    if (normalised.kind === 'fields') return normalised.fields as TokenResponse;
    const secrets = [...sent.secrets, ...secretsIn(seen)];
    throw exchangeFailure(binding, {
      status: normalised.status,
      error: redactCode(normalised.error, secrets),
      errorDescription: redact(normalised.errorDescription, secrets),
      errorUri: redact(normalised.errorUri, secrets),
      nature: normalised.nature,
      ...(normalised.error === undefined && { excerpt: bodyExcerpt(response, secrets) }),
      retryAfter: retryAfterSeconds(
        response.headers.get('retry-after'),
        this.#parts.clock.now() / 1000,
      ),
    });
  }

  async #exchange(
    { url, method, headers, body }: TokenEndpointRequest,
    options: TokenRequestOptions | undefined,
  ): Promise<TokenEndpointResponse> {
    const connection = options?.transport
      ? this.#parts.connection.with(options.transport)
      : this.#parts.connection;
    const isGet = method.toUpperCase() === 'GET';
    if (!isGet && options?.forceQuerystring !== true) {
      if (typeof body !== 'string' && !headers.has('content-type')) {
        headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
      }
      return connection.send({ url, method, headers, body: String(body) });
    }
    const target = new URL(url);
    for (const [name, value] of new URLSearchParams(body)) target.searchParams.append(name, value);
    headers.delete('content-type');
    return connection.send({ url: target, method, headers, ...(!isGet && { body: '' }) });
  }

  async #judge(
    server: AuthorizationServer,
    client: Client,
    judged: Response,
    asked: { grant: GrantRequest; binding: GrantBinding; answer: TokenResponse; status: number },
  ): Promise<GrantResponse> {
    const { grant, binding, answer: response, status } = asked;
    try {
      await processGenericTokenEndpointResponse(server, client, judged);
    } catch (error) {
      const type = response.token_type;
      if (typeof type === 'string' && !/^(bearer|dpop)$/i.test(type)) {
        throw new UnsupportedTokenTypeError({
          client: binding.client,
          subject: binding.subject,
          problem: 'The token endpoint answered a token of a type that cannot be used.',
          remedy: 'Ask the provider for Bearer tokens, or mend the type in a response hook.',
        });
      }
      throw exchangeFailure(binding, { status, nature: nonconformity(error) });
    }
    const { identities } = this.#parts;
    return { response, claims: await identities.judge(grant, binding, response, status) };
  }

  #skew(): number {
    return Math.round((this.#parts.clock.now() - Date.now()) / 1000);
  }
}

/** The library's words on what does not conform; its errors hold the response, so only they go on. */
function nonconformity(error: unknown): string {
  return error instanceof ConnectionFailure || !(error instanceof Error)
    ? 'no token response'
    : `no conforming token response: ${error.message}`;
}

/** Whether a function of the application's own authenticates the client, or signs for it. */
function asksApplication(authentication: ClientAuthentication): boolean {
  if (typeof authentication === 'function') return true;
  if (authentication.method !== 'private_key_jwt') return false;
  return authentication.sign !== undefined || typeof authentication.key === 'function';
}
