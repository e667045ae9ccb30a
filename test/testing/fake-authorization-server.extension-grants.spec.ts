import { TestClock } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { token } from './fake-authorization-server.support.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPE = 'urn:ietf:params:oauth:token-type:';

describe('token exchange at a FakeAuthorizationServer', () => {
  it('gives a live access token’s subject another token', async () => {
    const server = await startServer();
    const { access_token } = server.issueTokens({ subject: 'bob' });
    const form = { grant_type: EXCHANGE, subject_token: access_token, scope: 'read' };
    const answer = await token(server, { ...form, subject_token_type: `${TYPE}access_token` });
    expect(answer).toMatchObject({
      status: 200,
      issued_token_type: `${TYPE}access_token`,
      scope: 'read',
    });
    expect(answer).not.toHaveProperty('refresh_token');
    expect(server.journal.tokenRequests(EXCHANGE)).toMatchObject([{ subject: 'bob' }]);
    server.revokeFamily('bob');
    expect(
      await token(server, { ...form, subject_token_type: `${TYPE}access_token` }),
    ).toMatchObject({ status: 400, error: 'invalid_request' });
  });

  it('takes the sub of a JWT, and no other types', async () => {
    const server = await startServer();
    const form = { grant_type: EXCHANGE, subject_token: server.signIdToken({ sub: 'carol' }) };
    await token(server, { ...form, subject_token_type: `${TYPE}id_token` });
    expect(server.journal.tokenRequests(EXCHANGE)).toMatchObject([{ subject: 'carol' }]);
    const other = await token(server, { ...form, subject_token_type: `${TYPE}saml2` });
    expect(other).toMatchObject({ status: 400, error: 'invalid_request' });
  });
});

describe('an extension grant of a test’s own', () => {
  it('decides by the parameters, with fields of its own', async () => {
    const server = await startServer({
      extensionGrants: {
        'urn:acme:badge': (parameters) =>
          parameters.get('badge') === '7'
            ? { subject: 'dave', scope: 'read', refreshToken: true, fields: { tenant: 'eu' } }
            : { error: 'invalid_grant', errorDescription: 'No such badge' },
      },
    });
    const form = { grant_type: 'urn:acme:badge', badge: '7' };
    expect(await token(server, form)).toMatchObject({
      status: 200,
      tenant: 'eu',
      scope: 'read',
      refresh_token: expect.any(String) as string,
    });
    expect(await token(server, { ...form, badge: '8' })).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
    const metadata = await (
      await fetch(`${server.issuer}/.well-known/openid-configuration`)
    ).json();
    expect(metadata).toMatchObject({
      grant_types_supported: expect.arrayContaining([EXCHANGE, 'urn:acme:badge']) as unknown,
    });
  });
});

describe('the clock of a FakeAuthorizationServer', () => {
  it('moves with a TestClock that it is given', async () => {
    const clock = new TestClock();
    const server = await startServer({ clock, accessTokenSeconds: 60 });
    const { access_token } = server.issueTokens();
    expect(server.isLive(access_token)).toBe(true);
    clock.advance(61);
    expect(server.isLive(access_token)).toBe(false);
    clock.reset();
    expect(server.isLive(access_token)).toBe(true);
  });
});
