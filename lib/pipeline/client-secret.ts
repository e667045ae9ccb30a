import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientSettings } from './client-settings.js';
import { waitWithin } from './patience.js';

/**
 * The client secret as it is now. A function of the application's own is waited for no longer than
 * a server would be, and what is no secret is its failure.
 *
 * @param isNeeded - Whether the client has to have one.
 */
export async function clientSecretOf(
  settings: ClientSettings,
  isNeeded: boolean,
): Promise<string | undefined> {
  const { timeoutMs } = settings.refresh;
  try {
    const tooSlow = () => new Error(`no secret within ${timeoutMs} ms`);
    const asked = Promise.resolve(settings.clientSecret());
    const secret: unknown = await waitWithin(asked, { timeoutMs }, tooSlow);
    if (secret === undefined && !isNeeded) return undefined;
    if (typeof secret === 'string' && secret !== '') return secret;
    throw new Error(secret === '' ? 'the secret is empty' : `the secret is ${typeof secret}`);
  } catch (cause) {
    throw new ConfigurationError({
      client: settings.name,
      problem: 'The clientSecret function gave no secret.',
      remedy: 'Look why it failed or was too slow; the stored token is untouched.',
      cause,
    });
  }
}
