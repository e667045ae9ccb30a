import {
  OnAccessTokenResponse,
  OnRefreshTokenResponse,
  type TokenEndpointResponse,
} from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { segmentOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `entra()` needs to know. */
export interface EntraParameters {
  /**
   * Whose accounts may connect: a tenant by its id or domain, `organizations` for those of any,
   * `consumers` for personal ones, `common` for all. With `common` and `organizations` the claims
   * `tid` and `iss` of a token's ID token say which tenant the user is of.
   */
  tenant: string;
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Microsoft Entra ID, for Microsoft Graph. */
export const entra = defineProvider<EntraParameters>(
  {
    name: 'entra',
    title: 'Microsoft Entra ID',
    documentation: [
      'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow',
      'https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc',
      'https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes',
    ],
    habits: {
      accessToken: '60 to 90 min',
      refreshToken: 'rotates',
      note: 'ask for the scope offline_access',
    },
    options: ({ tenant }) => ({
      ...addressesOf(tenant),
      clientAuthentication: { method: 'client_secret_post' },
      deadGrantErrors: ['invalid_grant', 'interaction_required', 'consent_required'],
      baseURL: 'https://graph.microsoft.com/v1.0',
      fixes: [EntraScopeFix],
    }),
  },
  'tenant',
);

function addressesOf(given: string) {
  const tenant = segmentOf('entra({ tenant })', given, 'contoso.onmicrosoft.com').toLowerCase();
  const base = `https://login.microsoftonline.com/${tenant}`;
  const isNamed = GUID.test(tenant) || tenant === 'common' || tenant === 'organizations';
  if (isNamed) return { issuer: `${base}/v2.0` };
  // The issuer has the tenant's id, not its domain, and that of `consumers` an id, too.
  return { metadataUrl: `${base}/v2.0/.well-known/openid-configuration` };
}

/** The scopes that are no permissions of an API are granted without a word: by what they are for. */
class EntraScopeFix {
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  complete(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) => {
      if (typeof fields['scope'] !== 'string') return fields;
      const granted = new Set(fields['scope'].split(' '));
      if (fields['refresh_token'] !== undefined) granted.add('offline_access');
      if (fields['id_token'] !== undefined) granted.add('openid');
      return { ...fields, scope: [...granted].join(' ') };
    });
  }
}
