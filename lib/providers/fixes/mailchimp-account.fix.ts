import type { Type } from '@nestjs/common';
import { OnAccessTokenResponse, type TokenEndpointResponse } from '../../index.js';
import { withFields } from './json-answer.js';

const LIMIT_MS = 10_000;

/**
 * For Mailchimp, whose token answer does not say where the account's API is: asks the metadata
 * endpoint, and adds its answer.
 */
export function mailchimpAccountFix(metadataEndpoint: string): Type {
  class MailchimpAccountFix {
    @OnAccessTokenResponse()
    async locate(response: TokenEndpointResponse): Promise<TokenEndpointResponse> {
      const fields = response.json() as { access_token?: unknown } | undefined;
      const token = fields?.access_token;
      if (typeof token !== 'string') return response;
      const account = await accountOf(metadataEndpoint, token);
      return withFields(response, (own) => ({ ...account, ...own }));
    }
  }
  return MailchimpAccountFix;
}

async function accountOf(endpoint: string, token: string): Promise<Record<string, unknown>> {
  const headers = { Accept: 'application/json', Authorization: `OAuth ${token}` };
  const signal = AbortSignal.timeout(LIMIT_MS);
  const answer = await fetch(endpoint, { headers, redirect: 'error', signal }).catch((cause) => {
    throw new Error('The metadata endpoint of Mailchimp gave no answer.', { cause });
  });
  const told: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  const { dc, api_endpoint: host } = (told ?? {}) as Record<string, unknown>;
  if (typeof host === 'string') return { dc, api_endpoint: host };
  throw new Error(
    `The metadata endpoint of Mailchimp answered ${answer.status}, and no api_endpoint.`,
  );
}
