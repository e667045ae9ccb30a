import { originOf, segmentOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `keycloak()` needs to know. */
export interface KeycloakParameters {
  /** Where Keycloak is, such as `https://sso.example.com`; with `/auth` before version 17. */
  url: string;
  /** The realm. */
  realm: string;
}

/** Keycloak: one realm, tokens for an API of one's own. */
export const keycloak = defineProvider<KeycloakParameters>(
  {
    name: 'keycloak',
    title: 'Keycloak',
    documentation: [
      'https://www.keycloak.org/securing-apps/oidc-layers',
      'https://www.keycloak.org/docs/latest/server_admin/#_timeouts',
    ],
    habits: {
      accessToken: '5 min',
      refreshToken: 'rotates',
      note: 'a refresh token lasts as refresh_expires_in says, where 0 is no end',
    },
    options: ({ url, realm }) => {
      const server = originOf('keycloak({ url })', url, 'https://sso.example.com');
      return { issuer: `${server}/realms/${segmentOf('keycloak({ realm })', realm, 'staff')}` };
    },
  },
  'url',
  'realm',
);
