import { createServer, type ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { ClientMetadata, KoaContextWithOIDC } from 'oidc-provider';
import { onTestFinished } from 'vitest';
import { close, listen } from '../../sample/shared/listen.js';
import { selfSigned } from './certificate.js';
import { startOidcServer, type OidcServer } from './oidc-server.js';

/** An `oidc-provider` at two `https:` addresses, of which one asks for a client's certificate. */
export interface OidcMtlsServer {
  readonly server: OidcServer;
  /** The certificate that both addresses show. */
  readonly ca: string;
  /** The address that asks, which the metadata names in `mtls_endpoint_aliases`. RFC 8705, 5. */
  readonly mtlsOrigin: string;
  /** The paths that were asked for there, each with the common name in the certificate shown. */
  readonly shown: readonly (readonly [path: string, commonName: string | undefined])[];
}

/** The endpoints that are at the other address, too, and their paths. */
const ALIASES = {
  token_endpoint: '/token',
  revocation_endpoint: '/token/revocation',
  introspection_endpoint: '/token/introspection',
  device_authorization_endpoint: '/device/auth',
  userinfo_endpoint: '/me',
};

/**
 * Starts it in this process; it is stopped after the test.
 *
 * @param trusted - The client certificates that are taken for an authority's, in PEM.
 */
export async function startOidcMtlsServer(
  clients: ClientMetadata[],
  trusted: string[] = [],
): Promise<OidcMtlsServer> {
  const certificate = selfSigned('server');
  const asking: ServerOptions = {
    ...certificate,
    requestCert: true,
    rejectUnauthorized: false,
    ...(trusted.length > 0 && { ca: trusted }),
  };
  const mtls = createServer(asking);
  const mtlsOrigin = (await listen(mtls, 0)).replace('http:', 'https:');
  onTestFinished(() => close(mtls));
  const aliases = Object.entries(ALIASES).map(([name, path]) => [name, `${mtlsOrigin}${path}`]);
  const server = await startOidcServer(
    clients,
    {
      clientAuthMethods: ['client_secret_basic', 'tls_client_auth', 'self_signed_tls_client_auth'],
      discovery: { mtls_endpoint_aliases: Object.fromEntries(aliases) as Record<string, string> },
      features: {
        deviceFlow: { enabled: true },
        introspection: { enabled: true, allowedPolicy: () => true },
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          selfSignedTlsClientAuth: true,
          tlsClientAuth: true,
          getCertificate: (context) => socketOf(context).getPeerX509Certificate(),
          certificateAuthorized: (context) => socketOf(context).authorized,
          certificateSubjectMatches: (context, property, expected) =>
            property === 'tls_client_auth_subject_dn' &&
            socketOf(context).getPeerX509Certificate()?.subject === expected,
        },
      },
    },
    certificate,
  );
  const shown: [string, string | undefined][] = [];
  mtls.on('request', (request, response) => {
    const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    shown.push([request.url ?? '', name === undefined ? undefined : String(name)]);
    server.answer(request, response);
  });
  return { server, ca: certificate.cert, mtlsOrigin, shown };
}

function socketOf({ socket }: KoaContextWithOIDC): TLSSocket {
  if (socket instanceof TLSSocket) return socket;
  throw new Error('A connection without TLS');
}
