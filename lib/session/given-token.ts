import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { tokenReading } from '../pipeline/token-reading.js';
import { demandBearer } from '../pipeline/token-type.js';
import type { TokenRecord, TokenResponse } from '../protocol/token-record.js';
import { TokenSet } from '../protocol/token-set.js';

/** A token that the application has got elsewhere, ready to be stored. */
export function givenToken(
  token: TokenSet | TokenResponse | TokenRecord,
  binding: GrantBinding,
  settings: ClientSettings,
  { now, scope }: { readonly now: number; readonly scope: readonly string[] },
): TokenSet {
  const given =
    token instanceof TokenSet
      ? token
      : TokenSet.from(token, { now, scope, ...tokenReading(settings) });
  demandBearer(given, binding, 'Ask the provider for Bearer tokens.');
  if (binding.variant !== undefined && given.refreshToken !== undefined) {
    throw new ConfigurationError({
      client: binding.client,
      subject: binding.subject,
      problem: 'A refresh token belongs to the grant, and not to one of its variants.',
      remedy: 'Call setToken() on the session without with().',
    });
  }
  // A version of its own: who watches, or renews, must tell it from what was there before.
  const { registration: _former, ...record } = given.toRecord();
  const { registration } = settings;
  const version = crypto.randomUUID();
  return TokenSet.from({ ...record, ...(registration !== undefined && { registration }), version });
}
