import { ConfigurationError } from 'nestjs-oauth-client';
import { shopify } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { call, describeProvider, startStage } from './provider.journey.js';

const shop = 'example.myshopify.com';
const parameters = { shop, scope: ['read_orders', 'write_products'] };
describeProvider(shopify, { act: 'shopify', parameters });

describe('Shopify', () => {
  it('is at the host of the shop', () => {
    const options = shopify({ clientId: 'c', shop });
    expect(options).toMatchObject({
      authorizationEndpoint: 'https://example.myshopify.com/admin/oauth/authorize',
      tokenEndpoint: 'https://example.myshopify.com/admin/oauth/access_token',
      baseURL: 'https://example.myshopify.com',
    });
    expect(options).not.toHaveProperty('shop');
  });

  it.each(['evil.example', 'evil.example/.myshopify.com', 'a@evil.example', ''])(
    'sends no secret to %j, which is no shop',
    (other) => {
      expect(() => shopify({ clientId: 'c', shop: other })).toThrow(ConfigurationError);
    },
  );

  it('is asked for a scope with commas and for a token with an end', async () => {
    const { session, server } = await startStage(shopify, { act: 'shopify', parameters });
    const alice = session.for('alice');
    const token = await authorize(alice, server);
    const [asked] = server.journal.requests('authorize');
    expect(asked?.query.get('scope')).toBe('read_orders,write_products');
    expect(token.scope).toEqual(['read_orders', 'write_products']);
    const [exchange] = server.journal.requests('token');
    expect(exchange?.form.get('expiring')).toBe('1');
    expect(token.raw['refresh_token_expires_in']).toBe(7_776_000);
  });

  it('can be asked for a token without an end', async () => {
    const forever = { shop, tokenParams: { expiring: '0' } };
    const { session, server } = await startStage(shopify, { act: 'shopify', parameters: forever });
    const token = await authorize(session.for('alice'), server);
    expect(token.expiresAt).toBeUndefined();
    expect(token.refreshToken).toBeUndefined();
  });

  it('has the token in its own header, and no error shows it', async () => {
    const { session, server } = await startStage(shopify, { act: 'shopify', parameters });
    const alice = session.for('alice');
    const { accessToken } = await authorize(alice, server);
    await call(alice);
    const [request] = server.journal.requests('api');
    expect(request?.headers['x-shopify-access-token']).toBe(accessToken);
    server.next('api').respond(403);
    const error = await failure(call(alice), Error);
    expect(JSON.stringify(error)).not.toContain(accessToken);
  });

  it('asks for nothing that only a user’s token has, where the client acts for itself', () => {
    const options = shopify({ clientId: 'c', shop, grant: 'client_credentials' });
    expect(options.tokenParams).toBeUndefined();
  });
});
