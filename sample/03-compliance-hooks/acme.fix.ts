import { Injectable } from '@nestjs/common';
import axios from 'axios';
import {
  ComplianceFix,
  OnAccessTokenResponse,
  OnProtectedRequest,
  OnRefreshTokenRequest,
  OnRefreshTokenResponse,
  type ProtectedRequest,
  type ProtectedRequestContext,
  type TokenEndpointRequest,
  type TokenEndpointResponse,
} from 'nestjs-oauth-client';
import { RequestSigner } from './request-signer.service.js';

/** Acme's reasons in the words of RFC 6749, section 5.2. `invalid_grant` ends a person's grant. */
const errors: Record<string, string> = {
  agreement_ended: 'invalid_grant',
  code_unknown: 'invalid_grant',
  app_unknown: 'invalid_client',
};

/** All that is odd about Acme, in one place: the clients named `acme` are mended by it. */
@Injectable()
@ComplianceFix('acme')
export class AcmeFix {
  constructor(private readonly signer: RequestSigner) {}

  /** `ok=1&token=…&expires=600`, or `ok=0&reason=…`, with status 200 and as `text/html`. */
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  understand(response: TokenEndpointResponse): TokenEndpointResponse {
    const answer = Object.fromEntries(new URLSearchParams(response.body));
    const { ok, reason = 'unknown', token, expires, renewal, ...others } = answer;
    if (ok === undefined) return response; // such as the error page of a proxy in between
    if (ok === '0') {
      const error = errors[reason] ?? reason;
      return response.with({ status: 400 }).withJson({ error, error_description: reason });
    }
    // Where a renewal brings no new refresh token, the old one stays.
    const standard = { access_token: token, expires_in: expires, refresh_token: renewal };
    return response.withJson({ ...others, ...standard });
  }

  @OnRefreshTokenRequest()
  nameVersion(request: TokenEndpointRequest): TokenEndpointRequest {
    request.headers.set('X-Acme-Version', '2');
    return request;
  }

  /** Runs again when a call is repeated with a renewed token: the signature covers the token. */
  @OnProtectedRequest()
  sign(request: ProtectedRequest, { token }: ProtectedRequestContext): ProtectedRequest {
    const { method = 'get', data } = request;
    const { pathname, search } = new URL(axios.getUri(request));
    const body = typeof data === 'string' ? data : ''; // serialised by now
    request.headers.set(
      'X-Acme-Signature',
      this.signer.sign(method.toUpperCase(), pathname + search, token.accessToken, body),
    );
    return request;
  }
}
