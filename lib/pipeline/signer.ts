import type { AuthorizationServer } from 'oauth4webapi';
import { DiscoveryError } from '../errors/endpoint.errors.js';

/** What is judged that an authorization server signs. */
export interface Signer {
  readonly issuer: string;
  /** The algorithms that it names for ID tokens, if it does. */
  readonly idToken: readonly string[] | undefined;
  /** The same for what it says of the user; those of ID tokens where it names none for it. */
  readonly userinfo: readonly string[] | undefined;
}

/** The signer that metadata describe. OpenID Connect Discovery 1.0, section 3. */
export function signerOf(
  client: string,
  document: Pick<AuthorizationServer, 'issuer'> & Partial<AuthorizationServer>,
): Signer {
  const algorithms = (kind: 'id_token' | 'userinfo'): string[] | undefined => {
    const member = `${kind}_signing_alg_values_supported` as const;
    const named: unknown = document[member] ?? undefined;
    if (named === undefined) return undefined;
    if (Array.isArray(named)) return named.map(String);
    throw new DiscoveryError({
      client,
      problem: `The metadata has a ${member} that is no list.`,
      remedy: 'Ask the provider to mend its metadata.',
      status: 200,
    });
  };
  const idToken = algorithms('id_token');
  return { issuer: document.issuer, idToken, userinfo: algorithms('userinfo') ?? idToken };
}
