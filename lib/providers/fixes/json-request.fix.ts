import {
  OnAccessTokenRequest,
  OnRefreshTokenRequest,
  type TokenEndpointRequest,
} from '../../index.js';

/** For providers that take token requests as JSON. */
export class JsonRequestFix {
  @OnAccessTokenRequest()
  @OnRefreshTokenRequest()
  asJson(request: TokenEndpointRequest): TokenEndpointRequest {
    const headers = new Headers(request.headers);
    headers.set('content-type', 'application/json');
    const body = JSON.stringify(Object.fromEntries(new URLSearchParams(request.body)));
    return { ...request, headers, body };
  }
}
