import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import type { OAuthClientError } from '../errors/oauth-client.error.js';
import type { Problem } from './problem.js';
import { PRIVATE_HEADERS, type Reply } from './routes/reply.js';

/** An answer for programs: `application/problem+json`. RFC 9457. */
export function problemJson(
  error: OAuthClientError,
  { status, title, detail }: Problem,
  authorizationUrl: string | undefined,
): Reply {
  const { client, code } = error;
  const required = error instanceof AuthorizationRequiredError ? error : undefined;
  const body = {
    // A name, and no address: nothing is there to be fetched. RFC 9457, section 3.1.1.
    type: `urn:nestjs-oauth-client:error:${code}`,
    title,
    status,
    detail,
    code,
    // Which client it was is no secret of the user's own failures, and nobody's business in ours.
    ...(status < 500 && client !== undefined && { client }),
    ...(required && { reason: required.reason, missing: required.missing }),
    ...(authorizationUrl !== undefined && { authorizationUrl }),
  };
  const headers = { ...PRIVATE_HEADERS, 'Content-Type': 'application/problem+json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(body) };
}
