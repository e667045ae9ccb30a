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
      note: 'refresh_expires_in says how long a refresh token lasts; 0 with the scope offline_access',
    },
    options: ({ url, realm }) => ({
      issuer: `${url.replace(/\/+$/, '')}/realms/${encodeURIComponent(realm)}`,
    }),
  },
  'url',
  'realm',
);
