import type { OAuthSession } from 'nestjs-oauth-client';
import { plentymarkets } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { describeProvider, startStage } from './provider.journey.js';

const journey = {
  act: 'plentymarkets',
  parameters: { shopUrl: 'https://p12345.my.plentysystems.com' },
  connect: (session: OAuthSession) => session.fetchToken({ username: 'alice', password: 'pw' }),
} as const;
describeProvider(plentymarkets, journey);

describe('PlentyONE', () => {
  it('59: a token in camel case is understood, and its end computed', async () => {
    const { session, server } = await startStage(plentymarkets, journey);
    server.next('token').respondJson(200, {
      accessToken: 'ecUN1r8KhJewMCdLAmpHOdZ4O0ofXKB9zf6CXK61',
      tokenType: 'Bearer',
      expiresIn: 86_400,
      refreshToken: 'iG2kBGIjcXaRE4xmTVUnv7xwxX7XMcWCHqJmFaSX',
    });
    const token = await journey.connect(session.for('alice'));
    expect(token.raw).toEqual({
      access_token: 'ecUN1r8KhJewMCdLAmpHOdZ4O0ofXKB9zf6CXK61',
      token_type: 'Bearer',
      expires_in: 86_400,
      refresh_token: 'iG2kBGIjcXaRE4xmTVUnv7xwxX7XMcWCHqJmFaSX',
    });
    expect(token.expiresIn()).toBeGreaterThan(86_390);
  });

  it('59: a token in the standard’s own names is understood, too', async () => {
    const { session, server } = await startStage(plentymarkets, journey);
    server
      .next('token')
      .respondJson(200, { token_type: 'Bearer', expires_in: 86_400, access_token: 'at' });
    expect((await journey.connect(session.for('alice'))).accessToken).toBe('at');
  });

  it('renews at an address of its own', async () => {
    const { session, server } = await startStage(plentymarkets, journey);
    await journey.connect(session.for('alice'));
    await session.for('alice').refreshToken();
    const paths = server.journal.requests('token').map(({ path }) => path);
    expect(paths).toEqual(['/token', '/token/refresh']);
  });

  it('is called in the shop', () => {
    const options = plentymarkets({ clientId: '1', ...journey.parameters });
    expect(options).toMatchObject({
      tokenEndpoint: 'https://p12345.my.plentysystems.com/rest/login',
      baseURL: 'https://p12345.my.plentysystems.com/rest',
    });
    expect(options).not.toHaveProperty('shopUrl');
  });
});
