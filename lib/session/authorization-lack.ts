import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { refusesScope } from '../pipeline/scope-judge.js';
import type { ClientRuntime } from './client-runtime.js';

/**
 * What keeps a call that needs this scope from being made without the user, judged by what is
 * stored: one read, no request. Where the server never said what it granted, what was asked for
 * counts. RFC 6749, section 5.1.
 *
 * @throws ConfigurationError for a scope that a client without users does not ask for.
 */
export async function authorizationLack(
  { settings, source, parts }: ClientRuntime,
  binding: GrantBinding,
  scope: readonly string[],
): Promise<AuthorizationRequiredError | undefined> {
  const { client, subject } = binding;
  const asked = binding.variant?.scope ?? settings.scope;
  if (!settings.actsForUsers) {
    demandAsked(client, asked, scope);
    return undefined;
  }
  const lack = (reason: AuthorizationRequiredError['reason'], problem: string, missing = scope) =>
    new AuthorizationRequiredError({
      ...{ client, subject, reason, problem, missing, scope: asked, grant: settings.grant },
    });
  const token = await source.stored(binding);
  if (!token) return lack('no_token', 'There is no token for this subject.');
  const isRefused = refusesScope(settings, token);
  const demanded = new Set(isRefused ? [...scope, ...token.missing] : scope);
  const missing = [...demanded].filter((part) => !token.scope.includes(part));
  if (isRefused || missing.length > 0) {
    return lack('insufficient_scope', 'The granted scope does not do.', missing);
  }
  const isOver = token.isExpiredAt(parts.clock.now() / 1000) && token.refreshToken === undefined;
  if (!isOver || binding.variant) return undefined;
  return lack('not_renewable', 'The token has expired, and no refresh token was given.');
}

function demandAsked(client: string, asked: readonly string[], scope: readonly string[]): void {
  const unknown = scope.filter((part) => !asked.includes(part));
  if (unknown.length === 0) return;
  throw new ConfigurationError({
    client,
    problem: `A handler demands the scope ${unknown.join(' ')}, which the client does not ask for.`,
    remedy: 'Add it to the scope of the client, or demand it no more.',
  });
}
