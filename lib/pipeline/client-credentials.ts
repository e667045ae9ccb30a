import { METHODS_WITH_SECRET, usesCertificate } from '../protocol/client-authentication.js';
import { fingerprint } from '../protocol/fingerprint.js';
import { publicHalfOf } from '../protocol/jwt-assertion.js';
import { clientSecretOf } from './client-secret.js';
import type { ClientSettings } from './client-settings.js';
import { waitWithin } from './patience.js';
import type { ConnectionSource } from './transport.js';

/** What tells one state of a client's credentials from another; nothing of them can be read off. */
export type CredentialsMark = string | object | undefined;

/**
 * What the client authenticates itself with at the token endpoint now, as far as that can be told:
 * another mark once a secret, key or certificate has changed.
 */
export async function credentialsMark(
  settings: ClientSettings,
  source: ConnectionSource,
): Promise<CredentialsMark> {
  const { authentication, refresh } = settings;
  try {
    if (typeof authentication === 'function' || METHODS_WITH_SECRET.has(authentication.method)) {
      return fingerprint((await clientSecretOf(settings, false)) ?? '');
    }
    if (authentication.method === 'private_key_jwt') {
      const half = publicHalfOf(authentication);
      return fingerprint(await waitWithin(half, refresh, () => new Error('no key in time')));
    }
    // The agent is made anew when its certificate changes.
    return usesCertificate(authentication) ? (await source.current()).httpsAgent : undefined;
  } catch {
    // Why a function fails is said where it is asked for a request.
    return undefined;
  }
}
