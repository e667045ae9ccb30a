import type { TokenSetOptions } from '../protocol/token-set.js';
import type { ClientSettings } from './client-settings.js';

/** How a client reads what its server says of a token. */
export function tokenReading(
  settings: Pick<ClientSettings, 'scopeSeparator' | 'scopeAliases' | 'defaultExpiresInSeconds'>,
): Pick<TokenSetOptions, 'scopeSeparator' | 'scopeAliases' | 'defaultExpiresIn'> {
  const { scopeSeparator, scopeAliases, defaultExpiresInSeconds } = settings;
  return { scopeSeparator, scopeAliases, defaultExpiresIn: defaultExpiresInSeconds };
}
