import { slack, slackUser } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

describeProvider(slack, { act: 'slack', parameters: { scope: ['chat:write', 'users:read'] } });

const userScope = ['chat:write', 'users:read'];
describeProvider(slackUser, { act: 'slack_user', parameters: { userScope } });

describe('Slack', () => {
  it('is asked for the bot’s scope with commas, and for the user’s beside it', async () => {
    const { session } = await startStage(slack, { act: 'slack', parameters: { scope: userScope } });
    const { url } = await session.for('alice').authorizationUrl();
    expect(new URL(url).searchParams.get('scope')).toBe('chat:write,users:read');
    const user = await startStage(slackUser, { act: 'slack_user', parameters: { userScope } });
    const params = new URL((await user.session.for('alice').authorizationUrl()).url).searchParams;
    expect(params.get('user_scope')).toBe('chat:write,users:read');
    expect(params.has('scope')).toBe(false);
  });

  it('says in the token set which team it is', async () => {
    const { session, server } = await startStage(slack, { act: 'slack' });
    const token = await authorize(session.for('alice'), server);
    expect(token.raw['team']).toMatchObject({ id: 'T9TK3CUKW' });
  });
});
