import { notion } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

describeProvider(notion, { act: 'notion', lifetimeSeconds: 3600 });

const BASIC = `Basic ${Buffer.from('client:secret').toString('base64')}`;

describe('Notion', () => {
  it('is at api.notion.com', () => {
    expect(notion({ clientId: 'c' })).toMatchObject({
      authorizationEndpoint: 'https://api.notion.com/v1/oauth/authorize',
      tokenEndpoint: 'https://api.notion.com/v1/oauth/token',
      revocationEndpoint: 'https://api.notion.com/v1/oauth/revoke',
      introspectionEndpoint: 'https://api.notion.com/v1/oauth/introspect',
      baseURL: 'https://api.notion.com/v1',
    });
  });

  it('is asked by a user, without a proof key', async () => {
    const { session } = await startStage(notion, { act: 'notion' });
    const { searchParams } = new URL((await session.for('alice').authorizationUrl()).url);
    expect(searchParams.get('owner')).toBe('user');
    expect(searchParams.has('code_challenge')).toBe(false);
  });

  it('is sent JSON with Basic and a version, and nothing that it does not know', async () => {
    const { session, server } = await startStage(notion, { act: 'notion' });
    const token = await authorize(session.for('alice'), server);
    const [request] = server.journal.requests('token');
    expect(request?.headers).toMatchObject({
      authorization: BASIC,
      'content-type': 'application/json',
      'notion-version': '2026-03-11',
    });
    expect(Object.keys(JSON.parse(request!.body) as object).sort()).toEqual([
      'code',
      'grant_type',
      'redirect_uri',
    ]);
    expect(token.expiresAt).toBeUndefined();
    expect(token.raw['workspace_name']).toBe('Ada’s Notion');
  });

  it('is told which token to revoke as JSON', async () => {
    const { session, server } = await startStage(notion, { act: 'notion' });
    const { refreshToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    const [request] = server.journal.requests('revocation');
    expect(request?.body).toBe(JSON.stringify({ token: refreshToken }));
    expect(request?.headers).toMatchObject({
      authorization: BASIC,
      'content-type': 'application/json',
      'notion-version': '2026-03-11',
    });
  });

  it('is asked about a token as JSON', async () => {
    const { session, server } = await startStage(notion, {
      act: 'notion',
      local: ({ introspectionEndpoint }) => ({ introspectionEndpoint }),
    });
    const { accessToken } = await authorize(session.for('alice'), server);
    server.next('introspection').respondJson(200, { active: true, request_id: 'r' });
    expect(await session.for('alice').introspectToken()).toMatchObject({ active: true });
    const [request] = server.journal.requests('introspection');
    expect(request?.body).toBe(JSON.stringify({ token: accessToken }));
    expect(request?.headers['notion-version']).toBe('2026-03-11');
  });

  it('takes another version of the API for calls', () => {
    const http = { headers: { 'Notion-Version': '2025-09-03' } };
    expect(notion({ clientId: 'c', http }).http?.headers).toEqual(http.headers);
  });
});
