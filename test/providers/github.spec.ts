import { github, githubApp } from 'nestjs-oauth-client/providers';
import { expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { call, describeProvider, startStage } from './provider.journey.js';

describeProvider(github, { act: 'github', parameters: { scope: ['read:user', 'repo'] } });
describeProvider(githubApp, { act: 'github_app' });

it('reads a scope that is separated by commas', async () => {
  const parameters = { scope: ['read:user', 'repo'] };
  const { session, server } = await startStage(github, { act: 'github', parameters });
  const token = await authorize(session.for('alice'), server);
  expect(token.scope).toEqual(['read:user', 'repo']);
  await call(session.for('alice'));
  const { headers } = server.journal.requests('api').at(-1)!;
  expect(headers.accept).toBe('application/vnd.github+json');
});

it('revokes by a DELETE with Basic and JSON, at the address of the client', async () => {
  expect(github({ clientId: 'Iv1' }).revocationEndpoint).toBe(
    'https://api.github.com/applications/Iv1/token',
  );
  const { session, server } = await startStage(github, { act: 'github' });
  const { accessToken } = await authorize(session.for('alice'), server);
  await session.for('alice').revokeToken();
  const [request] = server.journal.requests('revocation');
  expect(request).toMatchObject({ method: 'DELETE', body: `{"access_token":"${accessToken}"}` });
  expect(request?.headers.authorization).toMatch(/^Basic /);
});

it('authenticates a GitHub App in the form, and renews at the same address', async () => {
  expect(githubApp({ clientId: 'Iv1' })).toMatchObject({
    provider: 'github_app',
    tokenEndpoint: 'https://github.com/login/oauth/access_token',
    revocationEndpoint: 'https://api.github.com/applications/Iv1/token',
  });
  const { session, server } = await startStage(githubApp, { act: 'github_app' });
  const { raw } = await authorize(session.for('alice'), server);
  expect(raw['refresh_token_expires_in']).toBe(15_897_600);
  await session.for('alice').refreshToken();
  const { form, headers } = server.journal.requests('token').at(-1)!;
  expect(form.get('client_secret')).toBe('secret');
  expect(headers.authorization).toBeUndefined();
});
