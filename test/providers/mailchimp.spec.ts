import { mailchimp, type MailchimpParameters } from 'nestjs-oauth-client/providers';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { call, describeProvider, startStage } from './provider.journey.js';

const localWith =
  (more: Partial<MailchimpParameters> = {}) =>
  (server: FakeAuthorizationServer) => {
    const local = { metadataEndpoint: `${server.url}/metadata`, allowInsecureHttp: true };
    return { fixes: mailchimp({ clientId: 'client', ...local, ...more }).fixes! };
  };
const journey = { act: 'mailchimp', local: localWith() } as const;
describeProvider(mailchimp, journey);

describe('Mailchimp', () => {
  it('55: port: a lifetime of nothing becomes the one that is told, and a scope of nothing none', async () => {
    const local = localWith({ lifetimeSeconds: 3600 });
    const { session, server } = await startStage(mailchimp, { ...journey, local });
    const token = await authorize(session.for('alice'), server);
    expect(token.expiresIn()).toBeGreaterThan(3590);
    expect(token.raw['expires_in']).toBe(3600);
    expect(token.raw).not.toHaveProperty('scope');
    expect(token.scope).toEqual([]);
  });

  it('lets tokens last, as nothing renews them', async () => {
    const { session, server } = await startStage(mailchimp, journey);
    const token = await authorize(session.for('alice'), server);
    expect(token.expiresAt).toBeUndefined();
  });

  it('calls the data center of the account, which it asks for', async () => {
    const { session, server } = await startStage(mailchimp, journey);
    const { raw, accessToken } = await authorize(session.for('alice'), server);
    expect(raw).toMatchObject({ dc: 'us6', api_endpoint: server.apiUrl });
    const [asked] = server.journal.requests('unknown');
    expect(asked?.headers.authorization).toBe(`OAuth ${accessToken}`);
    await call(session.for('alice'));
    expect(server.journal.requests('api').at(-1)?.path).toBe('/api/3.0/things');
  });

  it('connects nobody whose data center is not told', async () => {
    const { session, server } = await startStage(mailchimp, journey);
    server.next('unknown').respondJson(503, {});
    await expect(authorize(session.for('alice'), server)).rejects.toThrow('503');
    expect(await session.for('alice').token()).toBeUndefined();
  });

  it('asks nothing where the data center is named', () => {
    const options = mailchimp({ clientId: '1', dc: 'us6' });
    expect(options.baseURL).toBe('https://us6.api.mailchimp.com/3.0');
    expect(options.fixes).toEqual([]);
    expect(options.allowedOrigins).toBeUndefined();
    expect(options).not.toHaveProperty('dc');
    expect(options.tokenEndpoint).toBe('https://login.mailchimp.com/oauth2/token');
  });
});
