import type { ProviderAct } from './fake-authorization-server.act.js';
import type { FakeHandler, FakeServerContext } from './fake-authorization-server.context.js';
import { FakeProtocolError } from './fake-authorization-server.http.js';
import type { FakeRequest } from './fake-authorization-server.http.js';

/** The request as the standard has it, from one whose body is JSON. */
export function standardTokenRequest(
  request: FakeRequest,
  { tokenRequests }: ProviderAct,
): FakeRequest {
  const isJson = request.headers['content-type']?.includes('application/json') === true;
  if (isJson !== (tokenRequests === 'json')) {
    throw new FakeProtocolError('invalid_request', `The body must be ${tokenRequests ?? 'form'}`);
  }
  return isJson ? asForm(request, parsed(request.body)) : request;
}

/** The revocation as RFC 7009 has it. */
export function standardRevocation(
  request: FakeRequest,
  act: ProviderAct,
  server: FakeServerContext,
): FakeRequest {
  const token = act.revokedToken?.(request);
  const standard = withClient(request, act, server);
  if (!act.revokedToken) return standard;
  return asForm(standard, { ...Object.fromEntries(standard.form), token: token ?? '' });
}

/** The request with the client's credentials in its form. */
export function withClient(
  request: FakeRequest,
  { credentials }: ProviderAct,
  { clients }: FakeServerContext,
): FakeRequest {
  const [client] = clients.values();
  const found = client && credentials?.(request, client);
  if (!found) return request;
  const { authorization: _, ...headers } = request.headers;
  const { clientId, clientSecret = '' } = found;
  const own = { client_id: clientId, client_secret: clientSecret };
  const form = new URLSearchParams({ ...Object.fromEntries(request.form), ...own });
  return { ...request, headers, form };
}

/** What kind of token it is. */
export function kindOf(
  token: string | null,
  { tokens }: FakeServerContext,
): 'access_token' | 'refresh_token' {
  return tokens.refresh(token ?? '') ? 'refresh_token' : 'access_token';
}

/** Ends the grant of a token, and asks nobody who they are. */
export const revokedByAnyone: FakeHandler = ({ form }, _notes, { tokens }) => {
  const value = form.get('token') ?? '';
  const family = (tokens.access(value) ?? tokens.refresh(value))?.family;
  if (family) tokens.revokeFamily(family.id);
  return { status: 200, headers: {}, body: '' };
};

/** Whether a token would be accepted now. */
export function isLive(value: string | null, { tokens }: FakeServerContext): boolean {
  const access = tokens.access(value ?? '');
  const refresh = tokens.refresh(value ?? '');
  return access ? tokens.isLiveAccess(access) : !!refresh && tokens.isLiveRefresh(refresh);
}

/** The call as the standard has it: its token in the header alone. */
export function standardCall(request: FakeRequest, { apiToken }: ProviderAct): FakeRequest {
  const token = apiToken?.(request);
  if (token === undefined) return request;
  const [query, form] = [request.query, request.form].map((params) => {
    const copy = new URLSearchParams(params);
    copy.delete('access_token');
    return copy;
  }) as [URLSearchParams, URLSearchParams];
  return {
    ...request,
    query,
    form,
    headers: { ...request.headers, authorization: `Bearer ${token}` },
  };
}

function asForm(request: FakeRequest, fields: Record<string, string>): FakeRequest {
  const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { ...request, headers, form: new URLSearchParams(fields) };
}

/** The fields of a JSON body. */
export function parsed(body: string): Record<string, string> {
  try {
    return JSON.parse(body) as Record<string, string>;
  } catch {
    throw new FakeProtocolError('invalid_request', 'The body is no JSON');
  }
}
