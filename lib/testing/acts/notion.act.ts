import type { ProviderAct } from '../fake-authorization-server.act.js';

const REQUEST = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

/** Notion: JSON both ways, a version in every request, rotation without a lifetime. */
export const notion: ProviderAct = {
  documentation: [
    'https://developers.notion.com/reference/create-a-token',
    'https://developers.notion.com/reference/refresh-a-token',
    'https://developers.notion.com/reference/revoke-token',
    'https://developers.notion.com/reference/status-codes',
    'https://nango.dev/blog/notion-oauth-refresh-token-invalid-grant',
  ],
  policy: { rotation: 'strict' },
  authentication: 'client_secret_basic',
  tokenRequests: 'json',
  authorizationParams: { owner: 'user' },
  apiHeaders: { 'notion-version': '2026-03-11' },
  success: ({ access_token, refresh_token }) => ({
    json: {
      access_token,
      token_type: 'bearer',
      refresh_token,
      bot_id: 'b3414d65-1224-4ae7-8ffc-cc9d8773d601',
      workspace_icon: null,
      workspace_name: 'Ada’s Notion',
      workspace_id: '565d4d73-2882-41bb-964a-79d9d1c36f17',
      owner: { type: 'user', user: { object: 'user', id: 'd40e767c-d7af-4b18-a86d-55c61f1e39a4' } },
      duplicated_template_id: null,
      request_id: REQUEST,
    },
  }),
  failure: ({ status, error, description }) => ({
    status,
    json: { error, error_description: description, request_id: REQUEST },
  }),
  revokedToken: ({ body }) => (JSON.parse(body) as { token: string }).token,
  revoked: { json: { request_id: REQUEST } },
  unauthorized: {
    status: 401,
    json: { object: 'error', status: 401, code: 'unauthorized', message: 'API token is invalid.' },
  },
};
