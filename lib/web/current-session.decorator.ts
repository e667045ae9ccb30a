import { createParamDecorator } from '@nestjs/common';
import type { ClientOfRequest } from './caller-session.js';
import { noteName } from './current-session.names.js';
import { AskedSession, CurrentSessionPipe } from './current-session.pipe.js';

/** Where TypeScript keeps the types of a method's parameters. */
const PARAMETER_TYPES = 'design:paramtypes';

/**
 * Injects the session of the calling user into a handler of a controller; into one of a GraphQL
 * resolver or a gateway, too, where the module's option `requestOf` finds the request. Whose
 * session it is says the option `subject`; where nobody is signed in, the answer is 401. A client
 * that is `shared`, or acts for itself, gives its own session to everybody; one whose grant may act
 * for either, such as a JWT bearer assertion with a `sub`, acts for the user.
 *
 * A name may come from the request, for clients of tenants. Whatever a request can name there its
 * user must be allowed to use: check that before, in a guard.
 *
 * @param client - The client's name, or a function of the request that answers it. Of a name
 * that no client has at boot a warning is logged, unless the application has a repository of
 * registrations.
 *
 * @example
 * ```ts
 * @Get('repositories')
 * repositories(@CurrentSession('github') github: OAuthSession) {
 *   return github.get('/user/repos').pipe(map(({ data }) => data));
 * }
 * ```
 */
export function CurrentSession(client: ClientOfRequest): ParameterDecorator {
  const decorate = createParamDecorator(
    (_data: unknown, context) => new AskedSession(client, context),
    [hideType, noting(client)],
  );
  return decorate(CurrentSessionPipe);
}

/** A name that is in the code is looked for at boot; what a function answers, when it is asked. */
function noting(client: ClientOfRequest): ParameterDecorator {
  return (target, method) => {
    if (typeof client === 'string' && method !== undefined) noteName(target, method, client);
  };
}

/**
 * A session is no input: told its class, a global `ValidationPipe` with `validateCustomDecorators`
 * would make one of what it is given, and judge it.
 */
function hideType(target: object, method: string | symbol | undefined, index: number): void {
  if (method === undefined) return;
  const types = Reflect.getMetadata(PARAMETER_TYPES, target, method) as unknown[] | undefined;
  if (!types) return;
  const shown = types.map((type, place) => (place === index ? Object : type));
  Reflect.defineMetadata(PARAMETER_TYPES, shown, target, method);
}
