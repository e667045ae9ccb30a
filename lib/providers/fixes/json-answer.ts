import type { TokenEndpointResponse } from '../../index.js';

/** The answer with its JSON fields changed; one that is no JSON object goes on as it is. */
export function withFields(
  response: TokenEndpointResponse,
  change: (fields: Record<string, unknown>) => Record<string, unknown>,
): TokenEndpointResponse {
  const fields = response.json();
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return response;
  return response.withJson(change(fields as Record<string, unknown>));
}
