import { slackClassic } from 'nestjs-oauth-client/providers';
import type { FakeRequest } from 'nestjs-oauth-client/testing';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['chat:write:user', 'identify'] };
describeProvider(slackClassic, { act: 'slack_classic', parameters });

/** What arrives at the API of a call of alice, and her token. */
async function sent(config: AxiosRequestConfig): Promise<[FakeRequest, string]> {
  const { session, server } = await startStage(slackClassic, { act: 'slack_classic' });
  const { accessToken } = await authorize(session.for('alice'), server);
  await firstValueFrom(session.for('alice').request({ url: '/auth.test', ...config }));
  return [server.journal.requests('api').at(-1)!, accessToken];
}

describe('Slack, classic', () => {
  it('57: the token is in the form, and not in the address', async () => {
    const [request, token] = await sent({ method: 'GET' });
    expect(request.form.get('token')).toBe(token);
    expect(request.query.has('token')).toBe(false);
  });

  it('57: the token joins the fields of a form', async () => {
    const data = new URLSearchParams({ channel: 'C1' });
    const [request, token] = await sent({ method: 'POST', data });
    expect(Object.fromEntries(request.form)).toEqual({ channel: 'C1', token });
  });

  it.each(['GET', 'POST'])(
    '57: the caller’s own token in the form of a %s stays',
    async (method) => {
      const [request] = await sent({ method, data: new URLSearchParams({ token: 'different' }) });
      expect(request.form.getAll('token')).toEqual(['different']);
      expect(request.query.has('token')).toBe(false);
    },
  );

  it.each([
    { url: '/auth.test?token=different' },
    { params: { token: 'different' } },
    { params: new URLSearchParams({ token: 'different' }) },
  ])('57: the caller’s own token in the address stays: %o', async (config) => {
    const [request] = await sent(config);
    expect(request.query.getAll('token')).toEqual(['different']);
    expect(request.body).toBe('');
  });

  it('91: a JSON body stays as it is, and its token is in the header', async () => {
    const [request, token] = await sent({ method: 'POST', data: { channel: 'C1' } });
    expect(JSON.parse(request.body)).toEqual({ channel: 'C1' });
    expect(request.headers['content-type']).toBe('application/json');
    expect(request.headers.authorization).toBe(`Bearer ${token}`);
    expect(request.query.has('token')).toBe(false);
  });

  it('is called by the addresses of classic apps', () => {
    expect(slackClassic({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://slack.com/oauth/authorize',
      tokenEndpoint: 'https://slack.com/api/oauth.access',
      scopeSeparator: ',',
    });
  });
});
