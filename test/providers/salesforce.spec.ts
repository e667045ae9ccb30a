import { salesforce } from 'nestjs-oauth-client/providers';
import { expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { call, describeProvider, startStage } from './provider.journey.js';

describeProvider(salesforce, { act: 'salesforce', lifetimeSeconds: 3600 });

it('calls the host of the org whose token it is', async () => {
  const { session, server } = await startStage(salesforce, { act: 'salesforce' });
  const alice = session.for('alice');
  const { raw } = await authorize(alice, server);
  expect(raw['instance_url']).toBe(server.apiUrl);
  await call(alice);
  expect(server.journal.requests('api').at(-1)?.path).toBe('/api/things');
});

it('logs in where it is told', () => {
  const options = salesforce({ clientId: 'c', loginUrl: 'https://test.salesforce.com' });
  expect(options.tokenEndpoint).toBe('https://test.salesforce.com/services/oauth2/token');
  expect(options).not.toHaveProperty('loginUrl');
});
