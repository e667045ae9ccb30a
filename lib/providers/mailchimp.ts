import type { Type } from '@nestjs/common';
import { OnAccessTokenResponse, type TokenEndpointResponse } from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { mailchimpAccountFix } from './fixes/mailchimp-account.fix.js';
import { defineProvider } from './provider.js';

/** What `mailchimp()` may be told. */
export interface MailchimpParameters {
  /** The data center of the one account, such as `us6`; asked for each user when left out. */
  dc?: string;
  /**
   * Seconds after which a user connects again: Mailchimp says 0, for its tokens have no end.
   * `Infinity` lets them last.
   *
   * @defaultValue 3600
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
      accessToken: 'no end; taken for 1 h unless lifetimeSeconds says otherwise',
      refreshToken: 'none',
    },
    options: ({
      dc,
      lifetimeSeconds = 3600,
      metadataEndpoint = 'https://login.mailchimp.com/oauth2/metadata',
    }) => ({
      authorizationEndpoint: 'https://login.mailchimp.com/oauth2/authorize',
      tokenEndpoint: 'https://login.mailchimp.com/oauth2/token',
      clientAuthentication: { method: 'client_secret_post' },
      baseURL:
        dc === undefined
          ? ({ raw }) => `${String(raw['api_endpoint'])}/3.0`
          : `https://${dc}.api.mailchimp.com/3.0`,
      allowedOrigins: ['https://*.api.mailchimp.com'],
      fixes: [
        ...(Number.isFinite(lifetimeSeconds) ? [lifetimeFix(lifetimeSeconds)] : []),
        ...(dc === undefined ? [mailchimpAccountFix(metadataEndpoint)] : []),
      ],
    }),
  },
  'dc',
  'lifetimeSeconds',
  'metadataEndpoint',
);

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
