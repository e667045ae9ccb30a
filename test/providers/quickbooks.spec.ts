import { quickbooks } from 'nestjs-oauth-client/providers';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const options = {
  act: 'quickbooks',
  parameters: { scope: ['openid', 'com.intuit.quickbooks.accounting'] },
  local: ({ issuer }: FakeAuthorizationServer) => ({
    metadataUrl: `${issuer}/.well-known/openid-configuration`,
  }),
  revoke: {},
} as const;
describeProvider(quickbooks, options);

describe('QuickBooks Online', () => {
  it('has a sandbox beside it', () => {
    expect(quickbooks({ clientId: 'c' })).toMatchObject({
      issuer: 'https://oauth.platform.intuit.com/op/v1',
      metadataUrl: 'https://developer.api.intuit.com/.well-known/openid_configuration',
      baseURL: 'https://quickbooks.api.intuit.com',
    });
    const sandbox = quickbooks({ clientId: 'c', sandbox: true });
    expect(sandbox).toMatchObject({
      metadataUrl: 'https://developer.api.intuit.com/.well-known/openid_sandbox_configuration',
      baseURL: 'https://sandbox-quickbooks.api.intuit.com',
    });
    expect(sandbox).not.toHaveProperty('sandbox');
  });

  it('names the company in the callback', async () => {
    const { session, server } = await startStage(quickbooks, options);
    const token = await authorize(session.for('alice'), server, {
      change: ({ searchParams }) => searchParams.set('realmId', '4620816365257778210'),
    });
    expect(token.claims?.sub).toBe('alice');
  });

  it('says how long the refresh token lasts', async () => {
    const { session, server } = await startStage(quickbooks, options);
    const { raw } = await authorize(session.for('alice'), server);
    expect(raw['x_refresh_token_expires_in']).toBe(8_726_400);
  });

  it('is told which token to revoke as JSON', async () => {
    const { session, server } = await startStage(quickbooks, options);
    const { refreshToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    const [request] = server.journal.requests('revocation');
    expect(request?.body).toBe(JSON.stringify({ token: refreshToken }));
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers.authorization).toMatch(/^Basic /);
  });
});
