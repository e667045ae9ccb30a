import {
  OnAccessTokenResponse,
  OnRefreshTokenResponse,
  type TokenEndpointResponse,
} from '../index.js';
import { BearerTokenFix } from './fixes/bearer-token.fix.js';
import { withFields } from './fixes/json-answer.js';
import { defineProvider, type ProviderHabits } from './provider.js';

const DOCUMENTATION = [
  'https://docs.slack.dev/authentication/installing-with-oauth',
  'https://docs.slack.dev/reference/methods/oauth.v2.access',
  'https://docs.slack.dev/authentication/using-token-rotation',
];
const HABITS: ProviderHabits = {
  accessToken: '12 h',
  refreshToken: 'rotates',
  note: 'no end and no refresh token where the app has rotation off',
};
const OPTIONS = {
  authorizationEndpoint: 'https://slack.com/oauth/v2/authorize',
  tokenEndpoint: 'https://slack.com/api/oauth.v2.access',
  scopeSeparator: ',',
  baseURL: 'https://slack.com/api',
  deadGrantErrors: ['invalid_refresh_token', 'token_revoked', 'account_inactive', 'invalid_grant'],
};

/** Slack, acting as the app's bot. */
export const slack = defineProvider({
  name: 'slack',
  title: 'Slack (bot token)',
  documentation: DOCUMENTATION,
  habits: HABITS,
  options: () => ({ ...OPTIONS, fixes: [BearerTokenFix] }),
});

/** What `slackUser()` needs to know. */
export interface SlackUserParameters {
  /** The scope to act with as the user: Slack asks for it beside the bot's. */
  userScope: readonly string[];
}

/** Slack, acting as the user who installs the app. */
export const slackUser = defineProvider<SlackUserParameters>(
  {
    name: 'slack_user',
    title: 'Slack (user token)',
    documentation: DOCUMENTATION,
    habits: HABITS,
    options: ({ userScope }) => ({
      ...OPTIONS,
      authorizationParams: { user_scope: userScope.join(',') },
      fixes: [SlackUserTokenFix, BearerTokenFix],
    }),
  },
  'userScope',
);

/** The user's token is one level down in the answer to a code, and at the top at a renewal. */
class SlackUserTokenFix {
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  unwrap(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, ({ authed_user: user, ...rest }) => ({
      ...rest,
      ...(user as object),
    }));
  }
}
