import {
  isLive,
  kindOf,
  parsed,
  revokedByAnyone,
  standardCall,
  standardRevocation,
  standardTokenRequest,
  withClient,
} from './fake-authorization-server.act.requests.js';
import type { FakeHandler, FakeServerContext } from './fake-authorization-server.context.js';
import { FakeProtocolError, jsonResponse } from './fake-authorization-server.http.js';
import type { FakeEndpoint, FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type {
  FakeClient,
  FakeClientAuthentication,
  FakeServerPolicy,
} from './fake-authorization-server.options.js';
import type { FakeTokenResponse } from './fake-authorization-server.issued.js';

/** An answer in a provider's own form: `json` or `form` for the body, or its text. */
export interface ActAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, as JSON. */
  readonly json?: unknown;
  /** The body, form-encoded. */
  readonly form?: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly body?: string;
}

/** What a provider's form of an answer may depend on. */
export interface ActScene {
  /** The request, as it came. */
  readonly request: FakeRequest;
  /** `authorization_code`, `refresh_token`, …; empty at other endpoints. */
  readonly grantType: string;
  /** The server's time, in epoch seconds. */
  readonly now: number;
  /** Where the server's API is: for providers that say where theirs is. */
  readonly apiUrl: string;
}

/** An error in the standard's words, before the provider says it in its own. RFC 6749, 5.2. */
export interface ActError {
  /** The HTTP status. */
  readonly status: number;
  /** The error code. */
  readonly error: string;
  /** What happened, in words. */
  readonly description: string;
}

/**
 * How one provider's server differs from the standard, as its documentation says: a fixture, made of
 * data and of functions from the standard form to the provider's. What an act leaves out is done by
 * the book.
 */
export interface ProviderAct {
  /** The pages that the forms are taken from. */
  readonly documentation: readonly string[];
  /** Lifetimes and rotation. */
  readonly policy?: Partial<FakeServerPolicy>;
  /** The only way in which a client may authenticate; any when left out. */
  readonly authentication?: FakeClientAuthentication;
  /**
   * The credentials of a client that does not authenticate in a way of RFC 6749, from its request and
   * the server's first client; `undefined` for a request that has them by the book, or not at all.
   */
  readonly credentials?: (
    request: FakeRequest,
    client: FakeClient,
  ) => Pick<FakeClient, 'clientId' | 'clientSecret'> | undefined;
  /** How the body of a token request is encoded; a form when left out. Anything else is refused. */
  readonly tokenRequests?: 'form' | 'json';
  /** Parameters that authorization requests must have, or they are refused. */
  readonly authorizationParams?: Readonly<Record<string, string>>;
  /** Headers, in lower case, that API calls must have, or they are refused. */
  readonly apiHeaders?: Readonly<Record<string, string>>;
  /** A token response in the provider's form. */
  readonly success?: (standard: FakeTokenResponse, scene: ActScene) => ActAnswer;
  /** An error of the token endpoint in the provider's form. */
  readonly failure?: (error: ActError, scene: ActScene) => ActAnswer;
  /** The token to revoke, where the request is not that of RFC 7009; a form's `token` when left out. */
  readonly revokedToken?: (request: FakeRequest) => string | undefined;
  /** Whoever knows a token may revoke it, and its grant: clients are not authenticated. */
  readonly revocationByAnyone?: boolean;
  /** The only kind of token that can be revoked, and what is answered for another. */
  readonly revocable?: {
    readonly only: 'access_token' | 'refresh_token';
    readonly otherwise: ActAnswer;
  };
  /** What is answered to a revocation. */
  readonly revoked?: ActAnswer;
  /** What is answered to the revocation of a token that has ended already; `revoked` when left out. */
  readonly revokedBefore?: ActAnswer;
  /** The token of an API call, where it is found otherwise than RFC 6750 says, or there as well. */
  readonly apiToken?: (request: FakeRequest) => string | undefined;
  /** What the API answers to a token that has ended. */
  readonly unauthorized?: ActAnswer;
  /** Further paths of endpoints: `{ '/token/refresh': '/token' }`. */
  readonly paths?: Readonly<Record<string, string>>;
  /** What is answered at paths of the provider's own, which are no endpoints. */
  readonly pages?: Readonly<Record<string, (scene: ActScene) => ActAnswer>>;
}

/** An endpoint's behaviour as an act plays it. */
export function performed(
  endpoint: FakeEndpoint,
  handle: FakeHandler,
  act: ProviderAct,
): FakeHandler {
  switch (endpoint) {
    case 'token':
      return (request, notes, server) => {
        const scene = sceneOf(request, server);
        return played(
          () => handle(standardTokenRequest(withClient(request, act, server), act), notes, server),
          (body) => act.success?.(body as FakeTokenResponse, scene),
          (error) => {
            notes.error = error.error;
            return act.failure?.(error, scene);
          },
        );
      };
    case 'revocation':
      return (request, notes, server) => {
        const standard = standardRevocation(request, act, server);
        const { only, otherwise } = act.revocable ?? {};
        if (otherwise && only !== kindOf(standard.form.get('token'), server)) {
          return written(otherwise);
        }
        const ended = act.revokedBefore && !isLive(standard.form.get('token'), server);
        const revoke = act.revocationByAnyone ? revokedByAnyone : handle;
        return played(
          () => revoke(standard, notes, server),
          () => (ended ? act.revokedBefore : act.revoked),
          () => undefined,
        );
      };
    case 'api':
      return (request, notes, server) => {
        demand(act.apiHeaders, (name) => request.headers[name], 'header');
        return played(
          () => handle(standardCall(request, act), notes, server),
          () => undefined,
          (error) => (error.status === 401 ? act.unauthorized : undefined),
        );
      };
    case 'unknown':
      return (request, notes, server) => {
        const page = act.pages?.[request.path];
        return page ? written(page(sceneOf(request, server))) : handle(request, notes, server);
      };
    default:
      return handle;
  }
}

/** Throws unless all that an act demands is there. */
export function demand(
  wanted: Readonly<Record<string, string>> = {},
  given: (name: string) => unknown,
  what: string,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (given(name) === value) continue;
    throw new FakeProtocolError('invalid_request', `The ${what} ${name} must be ${value}`);
  }
}

function played(
  standard: () => FakeResponse,
  success: (body: unknown) => ActAnswer | undefined,
  failure: (error: ActError) => ActAnswer | undefined,
): FakeResponse {
  let response: FakeResponse;
  try {
    response = standard();
  } catch (error) {
    if (!(error instanceof FakeProtocolError)) throw error;
    const { status, code, message } = error;
    const answer = failure({ status, error: code, description: message });
    if (!answer) throw error;
    return written(answer);
  }
  const answer = success(response.body === '' ? undefined : JSON.parse(response.body));
  return answer ? written(answer) : response;
}

function written({ status = 200, headers = {}, json, form, body }: ActAnswer): FakeResponse {
  if (json !== undefined) return jsonResponse(status, json, { ...headers });
  if (form === undefined) return { status, headers: { ...headers }, body: body ?? '' };
  const type = 'application/x-www-form-urlencoded';
  const text = new URLSearchParams(form).toString();
  return { status, headers: { 'Content-Type': type, ...headers }, body: text };
}

function sceneOf(request: FakeRequest, { clock, urls }: FakeServerContext): ActScene {
  const json = request.headers['content-type']?.includes('json') ? parsed(request.body) : {};
  const grantType = request.form.get('grant_type') ?? json['grant_type'] ?? '';
  return { request, grantType, now: clock.now(), apiUrl: `${urls.apiOrigin}/api` };
}
