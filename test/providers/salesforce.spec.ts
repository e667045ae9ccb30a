import { OriginNotAllowedError } from 'nestjs-oauth-client';
import { salesforce } from 'nestjs-oauth-client/providers';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
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

it('lets no token go to another org', async () => {
  const orgs = ['mine.my.salesforce.com', 'other.my.salesforce.com', 'other.force.com'];
  const asked: string[] = [];
  const session = await bootClient({
    ...salesforce({
      clientId: 'c',
      clientSecret: 's',
      redirectUri: 'https://app.example/callback',
    }),
    transport: {
      lookup: (host, _options, done) => {
        asked.push(host);
        done(new Error('nobody'), '', 4);
      },
    },
  });
  const alice = session.for('alice');
  const token = { access_token: 'a', token_type: 'Bearer' };
  await alice.setToken({ ...token, instance_url: `https://${orgs[0]}` });
  const calls = orgs.map((org) => failure(firstValueFrom(alice.get(`https://${org}/x`)), Error));
  const errors = await Promise.all(calls);
  expect(errors.map((error) => error instanceof OriginNotAllowedError)).toEqual([
    false,
    true,
    true,
  ]);
  expect(asked).toEqual([orgs[0]]);
});
