import { douban } from 'nestjs-oauth-client/providers';
import { expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { call, describeProvider, startStage } from './provider.journey.js';

describeProvider(douban, { act: 'douban', parameters: { scope: ['douban_basic_common'] } });

it('A6.15: reads a token without a type as a Bearer token, and puts it into the header', async () => {
  const { session, server } = await startStage(douban, { act: 'douban' });
  const { tokenType, accessToken, raw } = await authorize(session.for('alice'), server);
  expect(tokenType).toBe('Bearer');
  expect(raw['douban_user_id']).toBe('1221');
  await call(session.for('alice'));
  const { headers, query } = server.journal.requests('api').at(-1)!;
  expect(headers.authorization).toBe(`Bearer ${accessToken}`);
  expect(query.has('access_token')).toBe(false);
});

it('is called by its addresses, with the scope separated by commas', () => {
  expect(douban({ clientId: '1' })).toMatchObject({
    authorizationEndpoint: 'https://www.douban.com/service/auth2/auth',
    tokenEndpoint: 'https://www.douban.com/service/auth2/token',
    scopeSeparator: ',',
  });
});
