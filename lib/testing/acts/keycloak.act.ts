import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Keycloak: a new refresh token each time, the old ones live on; lifetimes of both. */
export const keycloak: ProviderAct = {
  documentation: [
    'https://www.keycloak.org/securing-apps/oidc-layers',
    'https://www.keycloak.org/docs/latest/server_admin/#_timeouts',
    'https://phasetwo.io/blog/tags/oauth-2/',
  ],
  policy: { rotation: 'reuse', accessTokenSeconds: 300, refreshTokenSeconds: 1800 },
  authentication: 'client_secret_basic',
  success: (standard) => ({
    json: {
      ...standard,
      refresh_expires_in: 1800,
      'not-before-policy': 0,
      session_state: '6e1b3f0e-8b0b-4f5e-9a52-2b4d1b3a7f10',
    },
  }),
  failure: ({ status, error, description }, { grantType }) => {
    const ended = grantType === 'refresh_token' ? 'Token is not active' : 'Code not valid';
    const text = error === 'invalid_grant' ? ended : description;
    return { status, json: { error, error_description: text } };
  },
};
