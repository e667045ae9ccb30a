import type { FakeHandler, FakeServerContext } from './fake-authorization-server.context.js';
import { FakeProtocolError, jsonResponse } from './fake-authorization-server.http.js';
import type { FakeEndpoint, FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type {
  FakeClientAuthentication,
  FakeServerPolicy,
} from './fake-authorization-server.options.js';
import type { FakeTokenResponse } from './fake-authorization-server.js';

/** An answer in a provider's own form: `json` or `form` for the body, or its text. */
export interface ActAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a provider's form of an answer may depend on. */
export interface ActScene {
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
  readonly status: number;
  readonly error: string;
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
  /** What is answered to a revocation. */
  readonly revoked?: ActAnswer;
  /** What the API answers to a token that has ended. */
  readonly unauthorized?: ActAnswer;
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
          () => handle(standardTokenRequest(request, act), notes, server),
          (body) => act.success?.(body as FakeTokenResponse, scene),
          (error) => {
            notes.error = error.error;
            return act.failure?.(error, scene);
          },
        );
      };
    case 'revocation':
      return (request, notes, server) =>
        played(
          () => handle(standardRevocation(request, act), notes, server),
          () => act.revoked,
          () => undefined,
        );
    case 'api':
      return (request, notes, server) => {
        demand(act.apiHeaders, (name) => request.headers[name], 'header');
        return played(
          () => handle(request, notes, server),
          () => undefined,
          (error) => (error.status === 401 ? act.unauthorized : undefined),
        );
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

/** The request as the standard has it, from one whose body is JSON. */
function standardTokenRequest(request: FakeRequest, { tokenRequests }: ProviderAct): FakeRequest {
  const isJson = request.headers['content-type']?.includes('application/json') === true;
  if (isJson !== (tokenRequests === 'json')) {
    throw new FakeProtocolError('invalid_request', `The body must be ${tokenRequests ?? 'form'}`);
  }
  return isJson ? asForm(request, parsed(request.body)) : request;
}

function standardRevocation(request: FakeRequest, { revokedToken }: ProviderAct): FakeRequest {
  const token = revokedToken?.(request);
  if (!revokedToken) return request;
  return asForm(request, { ...Object.fromEntries(request.form), token: token ?? '' });
}

function asForm(request: FakeRequest, fields: Record<string, string>): FakeRequest {
  const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { ...request, headers, form: new URLSearchParams(fields) };
}

function parsed(body: string): Record<string, string> {
  try {
    return JSON.parse(body) as Record<string, string>;
  } catch {
    throw new FakeProtocolError('invalid_request', 'The body is no JSON');
  }
}
