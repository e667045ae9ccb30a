import { ConflictException, ForbiddenException, HttpException } from '@nestjs/common';
import { HANDLER_LIMIT_MS } from '../../compliance/compliance.hooks.js';
import { HandlerError } from '../../errors/configuration.errors.js';
import { OAuthClientError } from '../../errors/oauth-client.error.js';
import { withinLimit } from '../../protocol/time-limit.js';
import { obtainSignIn, type ObtainedSignIn } from '../../session/sign-in.js';
import type { AuthorizationRequestStore } from '../../store/authorization-request-store.js';
import type { SignInHandler } from '../on-authorized.decorator.js';
import type { Visit } from './visit.js';

/**
 * Asks the application whose account it is, and stores the token as theirs. What nobody owns up to
 * is revoked. Answers where to go on.
 */
export async function completeSignIn(
  handler: SignInHandler,
  visit: Visit,
  secret: string,
  response: string,
  requests: AuthorizationRequestStore,
): Promise<string | undefined> {
  const { runtime, cookie, subject } = visit;
  const obtained = await obtainSignIn(runtime, subject ?? '', response, secret);
  let owner: string;
  try {
    owner = await ownerOf(handler, obtained, visit);
  } catch (error) {
    obtained.discard();
    throw error;
  }
  if (subject === undefined) await cookie.renew(requests);
  await obtained.keep(owner);
  return obtained.returnTo;
}

async function ownerOf(
  handler: SignInHandler,
  { token, returnTo, userInfo }: ObtainedSignIn,
  { view, runtime, response, subject }: Visit,
): Promise<string> {
  const { name: client } = runtime.settings;
  const { claims } = token;
  const authorized = {
    client,
    token,
    userInfo,
    request: view.raw,
    response,
    ...(claims && { claims }),
    ...(subject !== undefined && { subject }),
    ...(returnTo !== undefined && { returnTo }),
  };
  let owner: unknown;
  try {
    owner = await withinLimit(handler(authorized), HANDLER_LIMIT_MS);
  } catch (cause) {
    // What the server did not answer is not the handler's fault: errors of this library are typed.
    if (cause instanceof HttpException || cause instanceof OAuthClientError) throw cause;
    throw new HandlerError({
      client,
      problem: 'The handler of @OnAuthorized failed; nothing was stored.',
      remedy: 'Mend the handler; to refuse somebody, throw an HttpException.',
      cause,
    });
  }
  if (typeof owner !== 'string' || owner === '') {
    throw new ForbiddenException('This account is not one to sign in with here.');
  }
  if (subject !== undefined && owner !== subject) {
    throw new ConflictException('This account belongs to another user.');
  }
  return owner;
}
