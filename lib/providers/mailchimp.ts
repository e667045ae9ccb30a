import type { Type } from '@nestjs/common';
import { OnAccessTokenResponse, type TokenEndpointResponse } from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { mailchimpAccountFix } from './fixes/mailchimp-account.fix.js';
import { labelOf, originOf, textOf } from './parameters.js';
import { defineProvider, type ProviderClientOptions } from './provider.js';

/** What `mailchimp()` may be told. */
export interface MailchimpParameters {
  /** The data center of the one account, such as `us6`; asked for each user when left out. */
  dc?: string;
  /**
   * Seconds after which a user has to connect again. Mailchimp says 0, for its tokens have no end and
   * nothing renews them: an end of our own would only log users out. They last when it is left out.
   */
  lifetimeSeconds?: number;
  /**
   * Where to ask for a user's data center, once the user has connected: directly, not through the
   * client's `transport`.
   *
   * @defaultValue `'https://login.mailchimp.com/oauth2/metadata'`
   */
  metadataEndpoint?: string;
}

const METADATA_ENDPOINT = 'https://login.mailchimp.com/oauth2/metadata';

/** Mailchimp: API calls go to the data center of the account. */
export const mailchimp = defineProvider<MailchimpParameters>(
  {
    name: 'mailchimp',
    title: 'Mailchimp',
    documentation: [
      'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
      'https://developer.mailchimp.com/documentation/mailchimp/guides/how-to-use-oauth2/',
    ],
    habits: {
      accessToken: 'no end',
      refreshToken: 'none',
      note: 'users have to connect again after lifetimeSeconds, where it is given',
    },
    options: ({ dc, lifetimeSeconds, ...given }) => {
      const lifetime = Number.isFinite(lifetimeSeconds) ? [lifetimeFix(lifetimeSeconds!)] : [];
      return {
        authorizationEndpoint: 'https://login.mailchimp.com/oauth2/authorize',
        tokenEndpoint: 'https://login.mailchimp.com/oauth2/token',
        clientAuthentication: { method: 'client_secret_post' },
        ...(dc === undefined
          ? {
              baseURL: ({ raw }) => `${String(raw['api_endpoint'])}/3.0`,
              allowedOrigins: ['https://*.api.mailchimp.com'],
              fixes: [...lifetime, mailchimpAccountFix(metadataEndpointOf(given))],
            }
          : {
              baseURL: `https://${labelOf('mailchimp({ dc })', dc, 'us6')}.api.mailchimp.com/3.0`,
              fixes: lifetime,
            }),
      };
    },
  },
  'dc',
  'lifetimeSeconds',
  'metadataEndpoint',
);

/** It is asked directly: nothing else judges where a user's token goes. */
function metadataEndpointOf({
  metadataEndpoint = METADATA_ENDPOINT,
  allowInsecureHttp = false,
}: MailchimpParameters & Pick<ProviderClientOptions, 'allowInsecureHttp'>): string {
  const parameter = 'mailchimp({ metadataEndpoint })';
  const form = allowInsecureHttp ? /^http/i : /^https:/i;
  const text = textOf(parameter, metadataEndpoint, form, METADATA_ENDPOINT);
  return originOf(parameter, text, METADATA_ENDPOINT);
}

function lifetimeFix(seconds: number): Type {
  class MailchimpLifetimeFix {
    @OnAccessTokenResponse()
    limit(response: TokenEndpointResponse): TokenEndpointResponse {
      return withFields(response, (fields) =>
        fields['expires_in'] === 0 ? { ...fields, expires_in: seconds } : fields,
      );
    }
  }
  return MailchimpLifetimeFix;
}
