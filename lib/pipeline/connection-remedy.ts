/** What TLS says of a certificate that none of the trusted authorities has signed. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;

/** What to do about a connection that failed, as one sentence. */
export function connectionRemedy(failure: unknown, otherwise: string): string {
  const code: unknown = (failure as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && UNTRUSTED.test(code)
    ? 'Set transport.ca of the client, or NODE_EXTRA_CA_CERTS, if the server is to be trusted.'
    : otherwise;
}
