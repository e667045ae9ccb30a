import { AuthorizationRequiredError } from 'nestjs-oauth-client';
import { hubspot } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['oauth', 'crm.objects.contacts.read'] };
describeProvider(hubspot, { act: 'hubspot', parameters });

describe('HubSpot', () => {
  it('is at the endpoints of 2026-03', () => {
    expect(hubspot({ clientId: 'c' })).toMatchObject({
      authorizationEndpoint: 'https://app.hubspot.com/oauth/authorize',
      tokenEndpoint: 'https://api.hubapi.com/oauth/2026-03/token',
      revocationEndpoint: 'https://api.hubapi.com/oauth/2026-03/token/revoke',
      baseURL: 'https://api.hubapi.com',
    });
  });

  it('says the scope as a list, and whose account it is', async () => {
    const { session, server } = await startStage(hubspot, { act: 'hubspot', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.scope).toEqual(['oauth', 'crm.objects.contacts.read']);
    expect(token.raw['hub_id']).toBe(1234567);
  });

  it('is sent client and secret in the form', async () => {
    const { session, server } = await startStage(hubspot, { act: 'hubspot', parameters });
    await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    for (const endpoint of ['token', 'revocation'] as const) {
      const [request] = server.journal.requests(endpoint);
      expect(request?.form.get('client_id')).toBe('client');
      expect(request?.form.get('client_secret')).toBe('secret');
      expect(request?.headers.authorization).toBeUndefined();
    }
  });

  it.each([
    { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' },
    { error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid' },
  ])('knows a dead grant by %j', async (body) => {
    const { session, server } = await startStage(hubspot, { act: 'hubspot', parameters });
    const alice = session.for('alice');
    await authorize(alice, server);
    server.next('token').respondJson(400, body);
    await failure(alice.refreshToken(), AuthorizationRequiredError);
  });
});
