import {
  OnIntrospectTokenRequest,
  OnRevokeTokenRequest,
  type TokenEndpointRequest,
} from '../../index.js';

/** For providers that take the token to revoke, or to introspect, as JSON, and nothing beside it. */
export class JsonTokenFix {
  @OnIntrospectTokenRequest()
  @OnRevokeTokenRequest()
  asJson(request: TokenEndpointRequest): TokenEndpointRequest {
    const headers = new Headers(request.headers);
    headers.set('content-type', 'application/json');
    const token = new URLSearchParams(request.body).get('token');
    return { ...request, headers, body: JSON.stringify({ token }) };
  }
}
