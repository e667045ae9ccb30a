import { xero } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { call, describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['openid', 'accounting.transactions', 'offline_access'] };
describeProvider(xero, { act: 'xero', parameters, revoke: {} });

describe('Xero', () => {
  it('is discovered at identity.xero.com, its API is at api.xero.com', () => {
    expect(xero({ clientId: 'c' })).toMatchObject({
      issuer: 'https://identity.xero.com',
      baseURL: 'https://api.xero.com',
    });
  });

  it('says who the user is', async () => {
    const { session, server } = await startStage(xero, { act: 'xero', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.claims?.sub).toBe('alice');
  });

  it('takes the organisation of a call in a header of the application', async () => {
    const { session, server } = await startStage(xero, { act: 'xero', parameters });
    const alice = session.for('alice').axiosRef;
    await authorize(session.for('alice'), server);
    await alice.get('/api.xro/2.0/Invoices', { headers: { 'xero-tenant-id': 'tenant' } });
    expect(server.journal.requests('api').at(-1)?.headers['xero-tenant-id']).toBe('tenant');
  });

  it('takes a spent refresh token again when the answer to it was lost', async () => {
    const { session, server } = await startStage(xero, { act: 'xero', parameters });
    const alice = session.for('alice');
    const { refreshToken } = await authorize(alice, server);
    server.next('token').dropAfter();
    await alice.refreshToken().catch(() => undefined);
    const renewed = await alice.refreshToken();
    expect(renewed.refreshToken).not.toBe(refreshToken);
    await call(alice);
  });
});
