import type { OAuthClientOptions, TokenResponse } from '../index.js';
import { IdTokenSigner } from './fake-authorization-server.signer.js';
import { isRecord, parameterOf, type OAuthTestRequest } from './oauth-test-request.js';
import { actsForUsers, type TestTokens } from './oauth-test-tokens.js';
import type { TestClock } from './test-clock.js';

/** What the user at the browser does. */
export interface OAuthTestAuthorizeOptions {
  /**
   * Who it is at the provider: `sub` in ID tokens and at the userinfo endpoint.
   *
   * @defaultValue `'user'`
   */
  user?: string;
  /**
   * Whether the user agrees; `access_denied` otherwise.
   *
   * @defaultValue `true`
   */
  consent?: boolean;
  /** What the user grants; what was asked for when left out. */
  scope?: readonly string[];
}

interface Code {
  readonly user: string;
  readonly scope: string | undefined;
  readonly nonce: string | undefined;
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const REFRESHABLE = ['authorization_code', 'refresh_token', 'password', DEVICE_CODE];

/**
 * An authorization server that believes everybody: whatever is asked for in whatever form is
 * granted. For one client, wherever its options say that the endpoints are.
 */
export class TestAuthority {
  readonly #options: OAuthClientOptions;
  readonly #tokens: TestTokens;
  readonly #clock: TestClock;
  readonly #signer = new IdTokenSigner('ES256');
  readonly #codes = new Map<string, Code>();
  readonly #revoked = new Set<string>();
  readonly #endpoints: Record<string, string>;

  constructor(options: OAuthClientOptions, tokens: TestTokens, clock: TestClock) {
    this.#options = options;
    this.#tokens = tokens;
    this.#clock = clock;
    this.#endpoints = endpointsOf(options, this.#issuer);
  }

  /** The answer to any request but one for a token. */
  answer(request: OAuthTestRequest): Response {
    const { origin, pathname } = new URL(request.url);
    const address = `${origin}${pathname}`;
    if (pathname.includes('/.well-known/') || address === this.#options.metadataUrl) {
      return Response.json(this.#metadata());
    }
    const [name] = Object.entries(this.#endpoints).find(([, url]) => url === address) ?? [];
    const token = parameterOf(request, 'token');
    switch (name) {
      case 'jwks_uri':
        return Response.json(this.#signer.jwks());
      case 'revocation_endpoint':
        if (token !== undefined) this.#revoked.add(token);
        return new Response(null, { status: 200 });
      case 'introspection_endpoint':
        return Response.json(this.#introspection(token));
      case 'userinfo_endpoint':
        return Response.json({ sub: this.#tokens.ownerOf(bearerOf(request)) ?? 'user' });
      case 'device_authorization_endpoint':
        return Response.json({
          device_code: 'device-code',
          user_code: 'TEST-CODE',
          verification_uri: `${this.#issuer}/device`,
          expires_in: 600,
          interval: 1,
        });
      default:
        return Response.json({ error: 'not_found', error_description: address }, { status: 404 });
    }
  }

  /** The answer to a token request. */
  async token(request: OAuthTestRequest, grantType: string): Promise<Response> {
    const code = this.#codes.get(parameterOf(request, 'code') ?? '');
    const response = await this.#issue(request.subject, grantType);
    if (!response) {
      const error_description = 'The token of this client is null in this test.';
      return Response.json({ error: 'unauthorized_client', error_description }, { status: 400 });
    }
    const scope = response.scope ?? code?.scope ?? parameterOf(request, 'scope');
    const isSignIn = code && (code.scope ?? '').split(' ').includes('openid');
    if (code) this.#tokens.belongsTo(response.access_token, code.user);
    return Response.json({
      ...response,
      ...(scope !== undefined && { scope }),
      ...(isSignIn && { id_token: this.#idToken(code) }),
    });
  }

  /** Where the browser is sent after the user has decided. */
  authorize(address: string, options: OAuthTestAuthorizeOptions): string {
    const { searchParams: params } = new URL(address);
    const responseType = params.get('response_type');
    const callback = params.get('redirect_uri');
    if (responseType !== 'code' || callback === null) {
      throw new Error(
        `The test kit answers authorization requests for a code alone, with a redirect_uri; this one ` +
          `asks for ${responseType ?? 'nothing'}. Use FakeAuthorizationServer for others.`,
      );
    }
    const { user = 'user', consent = true, scope } = options;
    const url = new URL(callback);
    if (consent) {
      const code = `code-${this.#codes.size + 1}`;
      const asked = params.get('scope') ?? undefined;
      const nonce = params.get('nonce') ?? undefined;
      this.#codes.set(code, { user, scope: scope?.join(' ') ?? asked, nonce });
      url.searchParams.set('code', code);
    } else url.searchParams.set('error', 'access_denied');
    const state = params.get('state');
    if (state !== null) url.searchParams.set('state', state);
    url.searchParams.set('iss', this.#issuer);
    return url.href;
  }

  async #issue(subject: string, grantType: string): Promise<TokenResponse | null> {
    const refresh = REFRESHABLE.includes(grantType);
    if (actsForUsers(this.#options)) return this.#tokens.next(subject, { refresh });
    const given = await this.#tokens.given(subject);
    if (given === null) return null;
    const { refresh_token: _, ...response } = given;
    return response;
  }

  get #issuer(): string {
    const { issuer, metadataUrl, tokenEndpoint } = this.#options;
    const known = issuer ?? metadataUrl ?? tokenEndpoint;
    return issuer ?? (known === undefined ? 'https://oauth.test' : new URL(known).origin);
  }

  #metadata(): Record<string, unknown> {
    return {
      issuer: this.#issuer,
      ...this.#endpoints,
      response_types_supported: ['code'],
      grant_types_supported: REFRESHABLE,
      code_challenge_methods_supported: ['S256', 'plain'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [this.#signer.alg],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #introspection(token: string | undefined): Record<string, unknown> {
    const owner = this.#tokens.ownerOf(token);
    if (owner === undefined || this.#revoked.has(token!)) return { active: false };
    const { clientId, scope = [] } = this.#options;
    const identity = { client_id: clientId, ...(owner !== '' && { sub: owner }) };
    return { active: true, ...identity, ...(scope.length > 0 && { scope: scope.join(' ') }) };
  }

  #idToken({ user, nonce }: Code): string {
    const iat = Math.floor(this.#clock.now() / 1000);
    const aud = this.#options.clientId;
    const claims = { iss: this.#issuer, sub: user, aud, iat, exp: iat + 3600, auth_time: iat };
    return this.#signer.sign({ ...claims, ...(nonce !== undefined && { nonce }) });
  }
}

function endpointsOf(options: OAuthClientOptions, issuer: string): Record<string, string> {
  const at = (path: string) => `${issuer.replace(/\/+$/, '')}/oauth-test/${path}`;
  return {
    authorization_endpoint: options.authorizationEndpoint ?? at('authorize'),
    token_endpoint: options.tokenEndpoint ?? at('token'),
    revocation_endpoint: options.revocationEndpoint ?? at('revoke'),
    introspection_endpoint: options.introspectionEndpoint ?? at('introspect'),
    userinfo_endpoint: options.userinfoEndpoint ?? at('userinfo'),
    device_authorization_endpoint: options.deviceAuthorizationEndpoint ?? at('device'),
    end_session_endpoint: options.endSessionEndpoint ?? at('logout'),
    jwks_uri: options.jwksUri ?? at('jwks'),
  };
}

function bearerOf({ headers, body }: OAuthTestRequest): string | undefined {
  const inBody = isRecord(body) ? body['access_token'] : undefined;
  const header = /^\S+ +(.+)$/.exec(headers['authorization'] ?? '')?.[1];
  return header ?? (typeof inBody === 'string' ? inBody : undefined);
}
