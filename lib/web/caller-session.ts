import { NotFoundException, type ExecutionContext } from '@nestjs/common';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { OAuthClientName } from '../session/client-name.js';
import type { OAuthSession } from '../session/oauth-session.js';
import type { WebContext } from './web.context.js';
import type { WebRequest } from './web.options.js';

/**
 * Which client a handler is about: its name, or a function that reads it from the request, where
 * each tenant has a client of its own. What a request can name, its user must be allowed to use.
 */
export type ClientOfRequest = OAuthClientName | ((request: WebRequest) => string | Promise<string>);

/**
 * The session of who makes a request: of the subject that is signed in; the client's own where
 * it is shared, or acts for itself.
 *
 * @throws UnauthorizedException where nobody is signed in; NotFoundException where a request names a
 * client that nobody knows.
 */
export async function callerSession(
  web: WebContext,
  client: ClientOfRequest,
  context: ExecutionContext,
): Promise<OAuthSession> {
  const session =
    typeof client === 'function'
      ? await named(web, await nameOf(client, web.requestOf(context)))
      : await web.client(client);
  if (isForAll(session)) return session;
  return session.for(await web.demandSubject(web.requestOf(context)));
}

/** Whether everybody's requests go out in the name of the client itself. */
function isForAll({ settings: { actsForUsers, shared, ownGrant } }: OAuthSession): boolean {
  return actsForUsers ? shared : ownGrant?.actsFor !== 'client or subject';
}

async function nameOf(
  client: Exclude<ClientOfRequest, string>,
  request: WebRequest,
): Promise<string> {
  const name: unknown = await client(request);
  if (typeof name === 'string' && name !== '') return name;
  throw new ConfigurationError({
    problem: 'A handler names its client by a function, which answered no name.',
    remedy: 'Answer the name of a client, such as (request) => request.params.tenant.',
  });
}

/** What a request names may be nobody: that is no mistake of the application. */
async function named(web: WebContext, name: string): Promise<OAuthSession> {
  try {
    return await web.client(name);
  } catch (cause) {
    const isUnknown = cause instanceof ConfigurationError && cause.problems.length === 0;
    throw isUnknown ? new NotFoundException(undefined, { cause }) : cause;
  }
}
