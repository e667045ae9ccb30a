import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientSettings } from './client-settings.js';
import { waitWithin } from './patience.js';

/**
 * The client secret as it is now. A function of the application's own is waited for no longer than
 * a server would be.
 */
export async function clientSecretOf(settings: ClientSettings): Promise<string | undefined> {
  const { timeoutMs } = settings.refresh;
  try {
    const secret = settings.clientSecret();
    if (secret === undefined || typeof secret === 'string') return secret;
    const tooSlow = () => new Error(`no secret within ${timeoutMs} ms`);
    return await waitWithin(secret, { timeoutMs }, tooSlow);
  } catch (cause) {
    throw new ConfigurationError({
      client: settings.name,
      problem: 'The clientSecret function gave no secret.',
      remedy: 'Look why it failed or was too slow; the stored token is untouched.',
      cause,
    });
  }
}
