import { Inject, type InjectionToken } from '@nestjs/common';
import type { OAuthClientName } from './session/client-name.js';

/**
 * Injects the session of a client.
 *
 * @example
 * ```ts
 * constructor(@OAuthClient('github') private readonly github: OAuthSession) {}
 * ```
 */
export function OAuthClient(name: OAuthClientName): ParameterDecorator & PropertyDecorator {
  return Inject(getOAuthClientToken(name));
}

/**
 * The injection token of a client's session, for `overrideProvider` in tests.
 *
 * @example
 * ```ts
 * builder.overrideProvider(getOAuthClientToken('github')).useValue(session);
 * ```
 */
export function getOAuthClientToken(name: string): InjectionToken {
  return `OAuthClient(${name})`;
}
