import { signAssertion, signWithSecret } from './jwt-assertion.js';
import type { SignerOptions } from './signing-key.js';

/** What a client assertion says beyond who signs it. RFC 7523, section 3. */
export interface ClientAssertionOptions {
  /** The assertion's `aud`; the issuer, or where none is known the endpoint, when left out. */
  audience?: string | readonly string[];
  /**
   * Seconds until the assertion ends.
   *
   * @defaultValue 60
   */
  lifetimeSeconds?: number;
  /** Further claims; they win over those made here. */
  claims?: Readonly<Record<string, unknown>>;
  /** Further members of the assertion's header. */
  header?: Readonly<Record<string, unknown>>;
}

/** A request that a client authenticates itself on: what a function of the application may change. */
export interface UnauthenticatedRequest {
  /** Where it goes. */
  url: URL;
  /** `POST`, or `GET` for servers that want it. */
  method: string;
  /** Its headers. */
  readonly headers: Headers;
  /** Its form. */
  readonly form: URLSearchParams;
}

/** Who the client is; the secret is one. */
export interface ClientCredentials {
  /** The client identifier. */
  readonly clientId: string;
  /** The client secret, where there is one; reading it throws where its function failed. */
  readonly clientSecret: string | undefined;
  /** The issuer, where it is known. */
  readonly issuer: string | undefined;
  /** The present, in epoch seconds. */
  readonly now: number;
}

/** Authenticates the client in a way of the application's own, by changing the request. */
export type ClientAuthenticationFunction = (
  request: UnauthenticatedRequest,
  credentials: ClientCredentials,
) => void | Promise<void>;

/** An authentication method that goes by a name of the registry of RFC 8414. */
export type NamedClientAuthentication =
  | {
      /** Identifier and secret in the `Authorization` header. RFC 6749, section 2.3.1. */
      method: 'client_secret_basic';
      /**
       * Whether both parts are form-encoded, as the RFC says, or sent as they are.
       *
       * @defaultValue `'form'`
       */
      encoding?: 'form' | 'raw';
    }
  | {
      /** Identifier and secret in the form. RFC 6749, section 2.3.1. */
      method: 'client_secret_post';
    }
  | {
      /** The identifier alone: a public client. RFC 6749, section 3.2.1. */
      method: 'none';
    }
  | ({
      /** An assertion signed with the client secret. RFC 7523, section 2.2. */
      method: 'client_secret_jwt';
      /**
       * The algorithm.
       *
       * @defaultValue `'HS256'`
       */
      alg?: 'HS256' | 'HS384' | 'HS512';
    } & ClientAssertionOptions)
  | ({
      /** An assertion signed with a private key. RFC 7523, section 2.2. */
      method: 'private_key_jwt';
    } & SignerOptions &
      ClientAssertionOptions)
  | {
      /**
       * The certificate of `transport`, by an authority that the server trusts, or registered
       * itself. RFC 8705, section 2.
       */
      method: 'tls_client_auth' | 'self_signed_tls_client_auth';
    };

/** How the client proves who it is to the authorization server. RFC 6749, section 2.3. */
export type ClientAuthentication = NamedClientAuthentication | ClientAuthenticationFunction;

/** The authentication methods that need a client secret. */
export const METHODS_WITH_SECRET: ReadonlySet<string> = new Set([
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
]);

/** Every authentication method that exists. */
export const AUTHENTICATION_METHODS: readonly NamedClientAuthentication['method'][] = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
];

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LIFETIME_SECONDS = 60;

/** Whether the client shows a certificate, so that a server's mTLS addresses are meant. RFC 8705. */
export function usesCertificate(authentication: ClientAuthentication): boolean {
  return typeof authentication === 'object' && authentication.method.endsWith('tls_client_auth');
}

/** Puts the client's credentials on a request that is about to be sent. */
export async function authenticateClient(
  authentication: ClientAuthentication,
  credentials: ClientCredentials,
  request: UnauthenticatedRequest,
): Promise<void> {
  if (typeof authentication === 'function') return authentication(request, credentials);
  const { clientId, clientSecret = '' } = credentials;
  const { headers, form } = request;
  switch (authentication.method) {
    case 'client_secret_basic': {
      const encode = authentication.encoding === 'raw' ? (text: string) => text : formEncode;
      const pair = `${encode(clientId)}:${encode(clientSecret)}`;
      headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
      return;
    }
    case 'client_secret_post':
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret);
      return;
    case 'client_secret_jwt': {
      const { alg = 'HS256', header } = authentication;
      const claims = assertionClaims(authentication, credentials, request);
      setAssertion(form, clientId, await signWithSecret(clientSecret, alg, { claims, header }));
      return;
    }
    case 'private_key_jwt': {
      const claims = assertionClaims(authentication, credentials, request);
      const { header } = authentication;
      setAssertion(form, clientId, await signAssertion({ claims, header }, authentication));
      return;
    }
    default:
      form.set('client_id', clientId);
  }
}

function assertionClaims(
  { audience, lifetimeSeconds = LIFETIME_SECONDS, claims }: ClientAssertionOptions,
  { clientId, issuer, now }: ClientCredentials,
  { url }: UnauthenticatedRequest,
): Record<string, unknown> {
  const iat = Math.floor(now);
  return {
    iss: clientId,
    sub: clientId,
    aud: audience ?? issuer ?? url.href,
    jti: crypto.randomUUID(),
    iat,
    exp: iat + lifetimeSeconds,
    ...claims,
  };
}

function setAssertion(form: URLSearchParams, clientId: string, assertion: string): void {
  form.set('client_id', clientId);
  form.set('client_assertion_type', ASSERTION_TYPE);
  form.set('client_assertion', assertion);
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
