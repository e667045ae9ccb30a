import { AuthorizationRequiredError, TokenEndpointError } from 'nestjs-oauth-client';
import { fitbit } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

describeProvider(fitbit, { act: 'fitbit', parameters: { scope: ['activity', 'sleep'] } });

describe('Fitbit', () => {
  const list = { errors: [{ errorType: 'invalid_grant', message: 'Invalid code' }] };

  it('54: an error list in answer to a code is an invalid grant', async () => {
    const { session, server } = await startStage(fitbit, { act: 'fitbit' });
    server.next('token').respondJson(200, list);
    const error = await failure(authorize(session.for('alice'), server), TokenEndpointError);
    expect(error).toMatchObject({ error: 'invalid_grant', errorDescription: 'Invalid code' });
  });

  it('54: an error list in answer to a renewal is an invalid grant', async () => {
    const { session, server } = await startStage(fitbit, { act: 'fitbit' });
    await authorize(session.for('alice'), server);
    server.next('token').respondJson(200, list);
    const error = await failure(session.for('alice').refreshToken(), AuthorizationRequiredError);
    expect(error.reason).toBe('grant_revoked');
  });

  it('54: good answers pass', async () => {
    const { session, server } = await startStage(fitbit, { act: 'fitbit' });
    server.next('token').respondJson(200, { access_token: 'access', refresh_token: 'refresh' });
    const token = await authorize(session.for('alice'), server);
    expect(token).toMatchObject({ accessToken: 'access', refreshToken: 'refresh' });
    server.next('token').respondJson(200, { access_token: 'next' });
    const renewed = await session.for('alice').refreshToken();
    expect(renewed).toMatchObject({ accessToken: 'next', refreshToken: 'refresh' });
  });

  it('repeats a refresh token in its error, and ours does not', async () => {
    const { session, server } = await startStage(fitbit, { act: 'fitbit' });
    const { refreshToken } = await authorize(session.for('alice'), server);
    server.revokeFamily('alice');
    const error = await failure(session.for('alice').refreshToken(), AuthorizationRequiredError);
    const shown = `${error.message} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(shown).not.toContain(refreshToken);
  });

  it('is called by its addresses, with the secret in the header', () => {
    expect(fitbit({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://www.fitbit.com/oauth2/authorize',
      tokenEndpoint: 'https://api.fitbit.com/oauth2/token',
      baseURL: 'https://api.fitbit.com',
    });
  });
});
