import { createHash } from 'node:crypto';
import {
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  MissingTokenError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { tokenRequest } from './fixtures-fetch.js';
import { Browser, startWebApplication, type RunningApplication } from './fixtures-registry.js';
import { answerOf, basicOf, carriedTokens, giveExpiredToken } from './fixtures-state.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const start = (more: Partial<OAuthClientOptions> = {}): Promise<RunningApplication> =>
  startWebApplication(userClient(server, more));

describe('acceptance: a browser connects a user', () => {
  it('75: the redirect stores the state, and the callback exchanges the code', async () => {
    const application = await start();
    const laptop = new Browser(application, 'alice', 'laptop');
    const callback = new URL(await laptop.sentBackFrom('/connect'));
    const { query } = server.journal.requests('authorize')[0]!;
    expect(callback.href.startsWith(`${application.origin}/callback?`)).toBe(true);
    expect(callback.searchParams.get('state')).toBe(query.get('state'));

    expect(await laptop.open(callback.href)).toMatchObject({ status: 302, location: '/settings' });
    expect(Object.fromEntries(tokenRequest(server).form)).toMatchObject({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code'),
      redirect_uri: `${application.origin}/callback`,
    });
    const { accessToken } = (await application.session.for('alice').token())!;
    await answerOf(application.session.for('alice'));
    expect(carriedTokens(server)).toEqual([accessToken]);
  });

  it('75: the PKCE verifier of the redirect round-trips to the exchange', async () => {
    const laptop = new Browser(await start(), 'alice', 'laptop');
    await laptop.open(await laptop.sentBackFrom('/connect'));
    const { query } = server.journal.requests('authorize')[0]!;
    const verifier = tokenRequest(server).form.get('code_verifier')!;
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.get('code_challenge')).toBe(
      createHash('sha256').update(verifier).digest('base64url'),
    );
    expect(query.has('code_verifier')).toBe(false);
  });

  it('75: port: what is stored is under a hash of the state, and another process can complete it', async () => {
    const seen: string[] = [];
    class Store extends MemoryAuthorizationRequestStore {
      override save(...args: Parameters<MemoryAuthorizationRequestStore['save']>) {
        seen.push(args[0]);
        return super.save(...args);
      }
    }
    const authorizationRequestStore = new Store();
    const client = userClient(server);
    const one = await startWebApplication(client, { authorizationRequestStore });
    const other = await startWebApplication(client, { authorizationRequestStore });
    const callback = new URL(await new Browser(one, 'alice', 'laptop').sentBackFrom('/connect'));
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toContain(callback.searchParams.get('state'));
    const shown = await new Browser(other, 'alice', 'laptop').open(
      `${other.origin}/callback${callback.search}`,
    );
    expect(shown).toMatchObject({ status: 302, location: '/settings' });
  });

  it('75: the state is good for one callback, and two tabs are two flows', async () => {
    const laptop = new Browser(await start(), 'alice', 'laptop');
    const [first, second] = [
      await laptop.sentBackFrom('/connect'),
      await laptop.sentBackFrom('/connect'),
    ];
    expect((await laptop.open(first)).status).toBe(302);
    expect((await laptop.open(second)).status).toBe(302);
    const again = await laptop.open(first);
    expect(again).toMatchObject({ status: 400, json: { code: 'mismatching_state' } });
    expect(server.journal.tokenRequests()).toHaveLength(2);
  });

  it('76: a callback with access_denied is refused, and nothing is exchanged', async () => {
    const application = await start();
    const laptop = new Browser(application, 'alice', 'laptop');
    const { location } = await laptop.open('/connect');
    const callback = await server.authorize(location!, { consent: false });
    const shown = await laptop.open(callback);
    expect(shown).toMatchObject({ status: 400, json: { code: 'authorization_response' } });
    expect(shown.json.error).toBe('access_denied');
    expect(server.journal.count('token')).toBe(0);
  });

  it('76: a callback without a code is refused as one', async () => {
    const laptop = new Browser(await start(), 'alice', 'laptop');
    const callback = new URL(await laptop.sentBackFrom('/connect'));
    callback.searchParams.delete('code');
    const shown = await laptop.open(callback.href);
    expect(shown).toMatchObject({ status: 400, json: { code: 'missing_code' } });
    expect(server.journal.count('token')).toBe(0);
  });

  it.each([
    ['of the same user', 'alice'],
    ['of another user', 'mallory'],
  ])('77: a callback from another browser, %s, is refused, and spent', async (_what, user) => {
    const application = await start();
    const laptop = new Browser(application, 'alice', 'laptop');
    const callback = await laptop.sentBackFrom('/connect');
    const elsewhere = new Browser(application, user, 'phone');
    for (const browser of [elsewhere, laptop]) {
      const shown = await browser.open(callback);
      expect(shown).toMatchObject({ status: 400, json: { code: 'mismatching_state' } });
    }
    expect(server.journal.count('token')).toBe(0);
    expect(await application.session.for('alice').token()).toBeUndefined();
  });

  it('79: a callback by form POST is accepted, and judged like any other', async () => {
    const application = await start({ authorizationParams: { response_mode: 'form_post' } });
    const laptop = new Browser(application, 'alice', 'laptop');
    const callback = await laptop.sentBackFrom('/connect');
    expect(server.journal.requests('authorize')[0]!.query.get('response_mode')).toBe('form_post');
    expect(await laptop.post(callback)).toMatchObject({ status: 302, location: '/settings' });
    expect(await application.session.for('alice').authorized()).toBe(true);
    const again = await laptop.post(callback);
    expect(again).toMatchObject({ status: 400, json: { code: 'mismatching_state' } });
  });

  it('79: port: an error by form POST is told, as it is by GET', async () => {
    const laptop = new Browser(await start(), 'alice', 'laptop');
    const { location } = await laptop.open('/connect');
    const shown = await laptop.post(await server.authorize(location!, { consent: false }));
    expect(shown).toMatchObject({ status: 400, json: { error: 'access_denied' } });
  });
});

describe('acceptance: metadata', () => {
  const discovered = (more: Partial<OAuthClientOptions>): OAuthClientOptions => {
    const { authorizationEndpoint: _one, tokenEndpoint: _other, ...rest } = userClient(server);
    return { ...rest, ...more };
  };

  it.each(['issuer', 'metadataUrl'] as const)(
    '78: the document of %s is loaded once, and supplies the endpoints',
    async (option) => {
      const metadataUrl = `${server.issuer}/.well-known/openid-configuration`;
      const address = option === 'issuer' ? server.issuer : metadataUrl;
      const application = await startWebApplication(discovered({ [option]: address }));
      expect(server.journal.count()).toBe(0);
      const laptop = new Browser(application, 'alice', 'laptop');
      for (let flow = 0; flow < 2; flow += 1) {
        expect((await laptop.open(await laptop.sentBackFrom('/connect'))).status).toBe(302);
      }
      expect(server.journal.count('discovery')).toBe(1);
      expect(server.journal.tokenRequests('authorization_code')).toHaveLength(2);
    },
  );

  it('78: an endpoint that is configured wins over the one that the document names', async () => {
    const authorizationEndpoint = `${server.authorizationEndpoint}?mine=1`;
    const options = discovered({ issuer: server.issuer, authorizationEndpoint });
    const alice = (await bootClient(options)).for('alice');
    expect((await alice.authorizationUrl()).url).toContain('/authorize?mine=1&');
  });

  it('78: a missing authorization endpoint is refused, with the option to set', async () => {
    server.configure({ metadata: { authorization_endpoint: undefined } });
    const alice = (await bootClient(discovered({ issuer: server.issuer }))).for('alice');
    const error = await failure(alice.authorizationUrl(), ConfigurationError);
    expect(error.message).toContain('Set authorizationEndpoint');
  });

  it('78: without any issuer it is refused, and nothing is asked', async () => {
    const { tokenEndpoint } = server;
    const alice = (await bootClient(discovered({ tokenEndpoint }))).for('alice');
    const error = await failure(alice.authorizationUrl(), ConfigurationError);
    expect(error.message).toContain('Set authorizationEndpoint, or an issuer');
    expect(server.journal.count()).toBe(0);
  });
});

describe('acceptance: a request', () => {
  let alice: OAuthSession;
  beforeEach(async () => {
    alice = (await bootClient(userClient(server))).for('alice');
  });

  it('81: with an expired token it refreshes with Basic authentication, then calls the API', async () => {
    await giveExpiredToken(alice, server);
    await answerOf(alice);
    const { headers, form } = tokenRequest(server);
    expect(basicOf(headers.authorization)).toBe('client:secret');
    expect(form.get('grant_type')).toBe('refresh_token');
    expect(form.has('client_secret')).toBe(false);
    expect(carriedTokens(server)).toEqual([(await alice.token())!.accessToken]);
    expect(server.journal.entries().map(({ endpoint }) => endpoint)).toEqual(['token', 'api']);
  });

  it('82: with withholdToken it sends no header, with or without a token', async () => {
    const oauth = { withholdToken: true };
    await firstValueFrom(alice.get('/open', { oauth, validateStatus: () => true }));
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    await firstValueFrom(alice.get('/open', { oauth, validateStatus: () => true }));
    const sent = server.journal.requests('api').map(({ headers }) => headers.authorization);
    expect(sent).toEqual([undefined, undefined]);
  });

  it('82: without a token it is refused, and never sent', async () => {
    const error = await failure(firstValueFrom(alice.get('/things')), Error);
    expect(error).toMatchObject({ code: 'authorization_required', reason: 'no_token' });
    await failure(alice.introspectToken({ hint: 'refresh_token' }), MissingTokenError);
    expect(server.journal.count()).toBe(0);
  });
});
