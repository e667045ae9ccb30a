import { ebay } from 'nestjs-oauth-client/providers';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

describeProvider(ebay, { act: 'ebay' });

describe('eBay', () => {
  it.each(['User Access Token', 'Application Access Token'])(
    '60: a token of type %s becomes a Bearer token',
    async (type) => {
      const { session, server } = await startStage(ebay, { act: 'ebay' });
      server.next('token').transformJson((json) => ({ ...json, token_type: type }));
      const token = await authorize(session.for('alice'), server);
      expect(token.tokenType).toBe('Bearer');
    },
  );

  it('60: a renewed token is a Bearer token, too', async () => {
    const { session, server } = await startStage(ebay, { act: 'ebay' });
    await authorize(session.for('alice'), server);
    expect((await session.for('alice').refreshToken()).tokenType).toBe('Bearer');
  });

  it('sends the RuName as the redirect URI, both times', async () => {
    // The fake server would not find the way back by a name: here it looks like an address.
    const ruName = 'https://app.example/Acme_Inc-AcmeInc-Acme-PRD-abc';
    const { session, server } = await startStage(ebay, {
      act: 'ebay',
      parameters: { ruName, redirectUri: undefined as never },
      local: ({ authorizationEndpoint }: FakeAuthorizationServer) => ({
        authorizationEndpoint: `${authorizationEndpoint}?redirect_uri=${ruName}`,
      }),
    });
    await authorize(session.for('alice'), server);
    expect(server.journal.requests('token')[0]?.form.get('redirect_uri')).toBe(ruName);
  });

  it('is called by its addresses, or those of the sandbox', () => {
    expect(ebay({ clientId: '1', ruName: 'Acme_Inc-AcmeInc' })).toMatchObject({
      authorizationEndpoint: 'https://auth.ebay.com/oauth2/authorize?redirect_uri=Acme_Inc-AcmeInc',
      tokenParams: { redirect_uri: 'Acme_Inc-AcmeInc' },
      tokenEndpoint: 'https://api.ebay.com/identity/v1/oauth2/token',
      baseURL: 'https://api.ebay.com',
    });
    expect(ebay({ clientId: '1', sandbox: true })).toMatchObject({
      authorizationEndpoint: 'https://auth.sandbox.ebay.com/oauth2/authorize',
      tokenEndpoint: 'https://api.sandbox.ebay.com/identity/v1/oauth2/token',
    });
  });
});
