import type { ProviderAct } from '../fake-authorization-server.act.js';

const CODES: Readonly<Record<string, number>> = {
  invalid_grant: 50_173,
  invalid_client: 7_000_215,
  invalid_scope: 70_011,
};

/** Microsoft Entra ID: the scope of the API alone in the answer, numbered errors, rotation. */
export const entra: ProviderAct = {
  documentation: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow',
    'https://learn.microsoft.com/en-us/graph/auth-v2-user',
    'https://learn.microsoft.com/en-us/graph/errors',
  ],
  policy: { rotation: 'reuse', accessTokenSeconds: 3599 },
  success: ({ scope = '', ...standard }) => ({
    json: {
      ...standard,
      scope: scope
        .split(' ')
        .filter((name) => name !== 'openid' && name !== 'offline_access')
        .join(' '),
      ext_expires_in: standard.expires_in,
    },
  }),
  failure: ({ status, error, description }, { now }) => {
    const code = CODES[error] ?? 90_014;
    const trace = '255d1aef-8c98-452f-ac51-23d051240864';
    const correlation = 'fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7';
    const timestamp = new Date(now * 1000).toISOString().replace('T', ' ').slice(0, 19) + 'Z';
    return {
      status,
      json: {
        error,
        error_description: `AADSTS${code}: ${description} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
        error_codes: [code],
        timestamp,
        trace_id: trace,
        correlation_id: correlation,
      },
    };
  },
  unauthorized: {
    status: 401,
    json: {
      error: {
        code: 'InvalidAuthenticationToken',
        message: 'Lifetime validation failed, the token is expired.',
      },
    },
  },
};
