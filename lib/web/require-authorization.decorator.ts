import { applyDecorators, UseGuards } from '@nestjs/common';
import type { ClientOfRequest } from './caller-session.js';
import {
  addDemand,
  RequireAuthorizationGuard,
  type RequireAuthorizationOptions,
} from './require-authorization.guard.js';

/**
 * Lets a request through only where the calling user has connected the client's account and the
 * grant has the scope; else throws `AuthorizationRequiredError`, with reason and missing scope,
 * which {@link OAuthExceptionFilter} turns into a redirect or a 401. On a class or a method, also
 * more than once: all of them hold. Costs at most one read of the store and no request.
 *
 * Where the server never said what it granted, what was asked for counts as granted (RFC 6749,
 * section 5.1). Scopes compare by their names: none is taken to include another.
 *
 * @param client - The client's name, or a function of the request that answers it.
 * @param options - What the grant must have.
 *
 * @example
 * ```ts
 * @RequireAuthorization('github', { scope: ['repo'] })
 * @Post('repositories')
 * create(@CurrentSession('github') github: OAuthSession, @Body() draft: Draft) { … }
 * ```
 */
export function RequireAuthorization(
  client: ClientOfRequest,
  options: RequireAuthorizationOptions = {},
): ClassDecorator & MethodDecorator {
  return applyDecorators(addDemand({ client, ...options }), UseGuards(RequireAuthorizationGuard));
}
