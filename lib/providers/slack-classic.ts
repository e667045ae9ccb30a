import {
  OnProtectedRequest,
  type ProtectedRequest,
  type ProtectedRequestContext,
} from '../index.js';
import { queryOf } from './fixes/query-of.js';
import { defineProvider } from './provider.js';

/**
 * Slack's classic apps: tokens without end, which go along in the form, too.
 *
 * @deprecated Slack lets no new classic apps be made since 4 June 2024: use `slack`.
 */
export const slackClassic = defineProvider({
  name: 'slack_classic',
  title: 'Slack (classic app)',
  documentation: [
    'https://docs.slack.dev/legacy/legacy-authentication',
    'https://docs.slack.dev/reference/methods/oauth.access',
    'https://docs.slack.dev/changelog/2024-09-legacy-custom-bots-classic-apps-deprecation',
  ],
  habits: { accessToken: 'no end', refreshToken: 'none' },
  options: () => ({
    authorizationEndpoint: 'https://slack.com/oauth/authorize',
    tokenEndpoint: 'https://slack.com/api/oauth.access',
    scopeSeparator: ',',
    baseURL: 'https://slack.com/api',
    fixes: [SlackFormTokenFix],
  }),
});

const FORM = 'application/x-www-form-urlencoded';

/**
 * The token is a field of the form as well, unless the caller has put one there, or into the address.
 * A body that is no form stays as it is: its token is in the header.
 */
class SlackFormTokenFix {
  @OnProtectedRequest()
  add(request: ProtectedRequest, { token }: ProtectedRequestContext): ProtectedRequest {
    const data: unknown = request.data;
    const isEmpty = data === undefined || data === null || data === '';
    const isForm = String(request.headers.getContentType() ?? '').startsWith(FORM);
    if (!isEmpty && !(isForm && typeof data === 'string')) return request;
    const form = new URLSearchParams(isEmpty ? '' : data);
    if (form.has('token') || queryOf(request).has('token')) return request;
    form.set('token', token.accessToken);
    request.headers.setContentType(FORM);
    return { ...request, data: form.toString() };
  }
}
