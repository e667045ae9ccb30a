import { discord } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['identify', 'guilds'] };
describeProvider(discord, { act: 'discord', parameters });

describe('Discord', () => {
  it('authenticates in the header, and names what it revokes', async () => {
    const { session, server } = await startStage(discord, { act: 'discord', parameters });
    const { refreshToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    const [request] = server.journal.requests('revocation');
    expect(request?.headers.authorization).toMatch(/^Basic /);
    expect(Object.fromEntries(request!.form)).toEqual({
      token: refreshToken,
      token_type_hint: 'refresh_token',
    });
  });

  it('is called by its addresses', () => {
    expect(discord({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://discord.com/oauth2/authorize',
      tokenEndpoint: 'https://discord.com/api/oauth2/token',
      revocationEndpoint: 'https://discord.com/api/oauth2/token/revoke',
      baseURL: 'https://discord.com/api/v10',
    });
  });
});
