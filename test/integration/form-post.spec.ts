import { AuthorizationResponseError, MismatchingStateError } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { Browser } from '../support/oidc-browser.js';
import { startOidcServer } from '../support/oidc-server.js';

/** An application at a real address, and what a browser posts to it after a flow. */
async function callbackFrom(browser: Browser) {
  const application = await startHost((_request, response) => response.end('received'));
  const redirectUri = `${application.origin}/callback`;
  const server = await startOidcServer([
    {
      client_id: 'web',
      client_secret: 'web-secret',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [redirectUri],
    },
  ]);
  const client = await bootClient({
    issuer: server.issuer,
    clientId: 'web',
    clientSecret: 'web-secret',
    redirectUri,
    scope: ['openid', 'read'],
    authorizationParams: { response_mode: 'form_post' },
    baseURL: server.issuer,
    allowInsecureHttp: true,
  });
  const flow = { binding: 'browser', returnTo: '/settings' };
  const { url } = await client.for('alice').authorizationUrl(flow);
  const page = await browser.submit(await browser.open(url));
  expect(page).toEqual({ address: redirectUri, html: 'received' });
  const [{ method, path, body } = { method: '', path: '', body: '' }] = application.requests;
  expect([method, path, application.requests.length]).toEqual(['POST', '/callback', 1]);
  return { server, client, body };
}

describe('a callback that oidc-provider has the browser post', () => {
  it('connects the user: proof key, nonce, issuer and ID token judged', async () => {
    const { server, client, body } = await callbackFrom(new Browser('alice@server'));
    expect([...new URLSearchParams(body).keys()].sort()).toEqual(['code', 'iss', 'state']);
    const callback = { authorizationResponse: body, binding: 'browser' };
    const { session, subject, returnTo } = await client.completeAuthorization(callback);
    expect({ subject, returnTo }).toEqual({ subject: 'alice', returnTo: '/settings' });
    expect((await session.token())?.claims).toMatchObject({ sub: 'alice@server' });
    expect((await firstValueFrom(session.get('/me'))).data).toEqual({ sub: 'alice@server' });
    expect(server.grants).toEqual(['authorization_code']);
  });

  it('is read from what a body parser has made of it, too', async () => {
    const { client, body } = await callbackFrom(new Browser('alice@server'));
    const parsed = Object.fromEntries(new URLSearchParams(body));
    const authorizationResponse = new URLSearchParams(parsed).toString();
    const callback = { authorizationResponse, binding: 'browser' };
    expect((await client.completeAuthorization(callback)).subject).toBe('alice');
  });

  it('is refused from another browser, and nothing is exchanged', async () => {
    const { server, client, body } = await callbackFrom(new Browser('mallory@server'));
    const callback = { authorizationResponse: body, binding: 'another browser' };
    await failure(client.completeAuthorization(callback), MismatchingStateError);
    expect(server.grants).toEqual([]);
  });

  it('says that the user refused', async () => {
    const { client, body } = await callbackFrom(new Browser('alice@server', false));
    const callback = { authorizationResponse: body, binding: 'browser' };
    const error = await failure(client.completeAuthorization(callback), AuthorizationResponseError);
    expect(error).toMatchObject({
      error: 'access_denied',
      errorDescription: 'The person said no',
    });
  });
});
