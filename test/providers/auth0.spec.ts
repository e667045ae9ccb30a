import { auth0 } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = {
  domain: 'example.eu.auth0.com',
  audience: 'https://api.example',
  scope: ['openid', 'offline_access', 'read:things'],
  baseURL: 'https://api.example',
};
describeProvider(auth0, { act: 'auth0', parameters, revoke: {} });

describe('Auth0', () => {
  it('is an issuer whose name ends in a slash', () => {
    const options = auth0({ clientId: 'c', domain: 'example.eu.auth0.com' });
    expect(options.issuer).toBe('https://example.eu.auth0.com/');
    expect(options.authorizationParams).toBeUndefined();
    expect(options).not.toHaveProperty('domain');
    expect(options).not.toHaveProperty('audience');
  });

  it('is discovered though its name ends in a slash', async () => {
    const { session, server } = await startStage(auth0, {
      act: 'auth0',
      parameters,
      local: ({ issuer }) => ({ issuer: `${issuer}/` }),
    });
    server.configure({ metadata: { issuer: `${server.issuer}/` } });
    const { url } = await session.for('alice').authorizationUrl();
    expect(url.startsWith(server.authorizationEndpoint)).toBe(true);
  });

  it('is asked for the audience by users', async () => {
    const { session, server } = await startStage(auth0, { act: 'auth0', parameters });
    const token = await authorize(session.for('alice'), server);
    const [asked] = server.journal.requests('authorize');
    expect(asked?.query.get('audience')).toBe('https://api.example');
    const [request] = server.journal.requests('token');
    expect(request?.form.get('client_secret')).toBe('secret');
    expect(request?.form.has('audience')).toBe(false);
    expect(token.claims?.sub).toBe('alice');
  });

  it('is asked for the audience by machines', async () => {
    const machine = { ...parameters, scope: [], grant: 'client_credentials' as const };
    const { session, server } = await startStage(auth0, { act: 'auth0', parameters: machine });
    await session.fetchToken();
    const [request] = server.journal.requests('token');
    expect(request?.form.get('audience')).toBe('https://api.example');
  });

  it('authenticates no client without a secret', () => {
    const options = auth0({ clientId: 'c', domain: 'd.auth0.com' });
    expect(options.clientAuthentication).toBeUndefined();
  });
});
