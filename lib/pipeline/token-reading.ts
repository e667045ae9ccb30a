import type { TokenSetOptions } from '../protocol/token-set.js';
import type { ClientSettings } from './client-settings.js';

/** How a client reads what its server says of a token. */
export function tokenReading(
  settings: Pick<
    ClientSettings,
    'scopeSeparator' | 'scopeAliases' | 'defaultExpiresInSeconds' | 'registration'
  >,
): Pick<TokenSetOptions, 'scopeSeparator' | 'scopeAliases' | 'defaultExpiresIn' | 'registration'> {
  const { scopeSeparator, scopeAliases, defaultExpiresInSeconds, registration } = settings;
  return { scopeSeparator, scopeAliases, defaultExpiresIn: defaultExpiresInSeconds, registration };
}
