import { TokenEndpointError } from '../errors/endpoint.errors.js';

/** A word of Node's own, out of few: an agent of the application's may put anything in its place. */
const CODE = /^[A-Z][A-Z0-9_]{1,59}$/;

/**
 * What Node calls the reason why an endpoint gave no answer: `ENOTFOUND`, `ECONNREFUSED`,
 * `CERT_HAS_EXPIRED` and the like; `undefined` where there is no such word, or a status.
 */
export function connectionCode(error: unknown): string | undefined {
  if (!(error instanceof TokenEndpointError) || error.status !== undefined) return undefined;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' && CODE.test(code) ? code : undefined;
}
