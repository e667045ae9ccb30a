/**
 * How the client proves who it is at the token endpoint. RFC 6749, section 2.3.
 *
 * `client_secret_basic` form-encodes both parts as the RFC says; `encoding: 'raw'` is for servers
 * that take them as they are.
 */
export type ClientAuthentication =
  | { method: 'client_secret_basic'; encoding?: 'form' | 'raw' }
  | { method: 'client_secret_post' }
  | { method: 'none' };

/** The authentication methods that need a client secret. */
export const METHODS_WITH_SECRET: ReadonlySet<string> = new Set([
  'client_secret_basic',
  'client_secret_post',
]);

/** Every authentication method that exists. */
export const AUTHENTICATION_METHODS: readonly ClientAuthentication['method'][] = [
  'client_secret_basic',
  'client_secret_post',
  'none',
];

/** Puts the client's credentials on a request that is about to be sent. RFC 6749, section 2.3.1. */
export function authenticateClient(
  authentication: ClientAuthentication,
  credentials: { clientId: string; clientSecret: string | undefined },
  request: { headers: Headers; form: URLSearchParams },
): void {
  const { clientId, clientSecret = '' } = credentials;
  switch (authentication.method) {
    case 'client_secret_basic': {
      const encode = authentication.encoding === 'raw' ? (text: string) => text : formEncode;
      const pair = `${encode(clientId)}:${encode(clientSecret)}`;
      request.headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
      return;
    }
    case 'client_secret_post':
      request.form.set('client_id', clientId);
      request.form.set('client_secret', clientSecret);
      return;
    case 'none':
      request.form.set('client_id', clientId);
  }
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
