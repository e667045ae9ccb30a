import { ConfigurationError } from 'nestjs-oauth-client';
import { stripe } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['read_write'] };
describeProvider(stripe, { act: 'stripe', parameters, lifetimeSeconds: 3600, revoke: false });

const BY_KEY = `Basic ${Buffer.from('secret:').toString('base64')}`;

describe('Stripe Connect', () => {
  it('is at connect.stripe.com, its API at api.stripe.com', () => {
    expect(stripe({ clientId: 'ca_1' })).toMatchObject({
      authorizationEndpoint: 'https://connect.stripe.com/oauth/authorize',
      tokenEndpoint: 'https://connect.stripe.com/oauth/token',
      revocationEndpoint: 'https://connect.stripe.com/oauth/deauthorize',
      baseURL: 'https://api.stripe.com',
    });
  });

  it('knows the platform by its secret key alone', async () => {
    const { session, server } = await startStage(stripe, { act: 'stripe', parameters });
    const token = await authorize(session.for('alice'), server);
    const [request] = server.journal.requests('token');
    expect(request?.headers.authorization).toBe(BY_KEY);
    expect(request?.form.has('client_id')).toBe(false);
    expect(token.raw['stripe_user_id']).toMatch(/^acct_/);
  });

  it('disconnects an account', async () => {
    const { session, server } = await startStage(stripe, { act: 'stripe', parameters });
    const alice = session.for('alice');
    const { raw, accessToken } = await authorize(alice, server);
    const account = String(raw['stripe_user_id']);
    await alice.revokeToken({ token: account });
    const [request] = server.journal.requests('revocation');
    expect(request?.headers.authorization).toBe(BY_KEY);
    expect(Object.fromEntries(request!.form)).toEqual({
      client_id: 'client',
      stripe_user_id: account,
    });
    expect(server.isLive(accessToken)).toBe(false);
  });

  it('says what to pass where a token is to be revoked', async () => {
    const { session, server } = await startStage(stripe, { act: 'stripe', parameters });
    const alice = session.for('alice');
    const { accessToken } = await authorize(alice, server);
    const error = await failure(alice.revokeToken({ token: accessToken }), ConfigurationError);
    expect(error.message).toContain('stripe_user_id');
    expect(error.message).not.toContain(accessToken);
    expect(server.journal.requests('revocation')).toEqual([]);
  });

  it('disconnects the account of the stored token', async () => {
    const { session, server } = await startStage(stripe, { act: 'stripe', parameters });
    const { accessToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    expect(server.isLive(accessToken)).toBe(false);
  });
});
