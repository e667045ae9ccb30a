import axios from 'axios';
import { TokenEndpointError, TokenSet } from 'nestjs-oauth-client';
import { salesforce } from 'nestjs-oauth-client/providers';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { get, testClient } from './oauth-client-testing.support.js';

const endless = () => {
  const state = { isLeft: false };
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: () => void (state.isLeft = true),
  });
  return { state, body };
};

describe('the wire of a test client', () => {
  it('breaks by Response.error(), as that of a network does', async () => {
    const { session, client } = await testClient({ reply: Response.error() });
    const error: unknown = await get(session.for('alice'), '/').catch((caught: unknown) => caught);
    expect(axios.isAxiosError(error) && error.code).toBe('ECONNRESET');
    await expect(session.for('alice').fetch('/')).rejects.toThrow('fetch failed');
    expect(client.calls).toHaveLength(2);
  });

  it('breaks for token requests, too', async () => {
    const { session } = await testClient({
      grant: 'client_credentials',
      tokenReply: () => Response.error(),
    });
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.message).toContain('ECONNRESET');
  });

  it('brings a stream as it comes', async () => {
    const { body, state } = endless();
    const { session } = await testClient({ reply: () => new Response(body) });
    const response = await session.for('alice').fetch('/events');
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value as Uint8Array)).toContain('data: 1\n\n');
    await reader.cancel();
    expect(state.isLeft).toBe(false);
  });

  it('says how long an answer is, where that is known', async () => {
    const { session } = await testClient({ reply: 'grüße' });
    const { headers } = await firstValueFrom(session.for('alice').get('/'));
    expect(headers['content-length']).toBe('7');
  });

  it('has paths below whatever a baseURL function answers', async () => {
    const { session, client, kit } = await testClient({
      token: { access_token: 'a', refresh_token: 'r', expires_in: 60, host: 'https://eu.test/v3' },
      baseURL: (token: TokenSet) => String(token.raw['host']),
      reply: { 'GET /user': 'ok' },
    });
    expect(await get(session.for('alice'), '/user')).toBe('ok');
    kit.clock.advance(3600);
    expect(await get(session.for('alice'), '/user')).toBe('ok');
    expect(client.calls).toMatchObject([{ path: '/user', url: 'https://eu.test/v3/user' }, {}]);
  });

  it('goes with a provider whose token says where its API is', async () => {
    const { session, kit } = await testClient({
      ...salesforce({ clientId: 'id', clientSecret: 'secret', redirectUri: 'https://app.test/cb' }),
      token: {
        access_token: 'a',
        refresh_token: 'r',
        instance_url: 'https://acme.my.salesforce.com',
      },
      reply: 'ok',
    });
    expect(await get(session.for('alice'), '/services')).toBe('ok');
    kit.clock.advance(24 * 3600);
    expect(await get(session.for('alice'), '/services')).toBe('ok');
  });
});
