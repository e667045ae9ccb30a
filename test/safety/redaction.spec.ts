import { firstValueFrom } from 'rxjs';
import {
  MemoryAuthorizationRequestStore,
  MemoryTokenStore,
  OAuthClientError,
  OAuthClientRegistry,
  TokenSet,
  getOAuthClientToken,
  type TokenEvent,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { leaks } from '../support/leaks.js';
import { bootSecretive, SECRET_TRANSPORT } from '../support/secretive-client.js';

describe('the search for secrets', () => {
  const secrets = { token: 'a-token/with+all' };
  class Hider {
    constructor(readonly shown: unknown) {}
  }

  it.each<[string, unknown]>([
    ['a text', 'Bearer a-token/with+all'],
    ['a field', { a: [{ b: 'a-token/with+all' }] }],
    ['a field of a class', new Hider(new Map([['x', new Hider('a-token/with+all')]]))],
    ['a hidden field', Object.defineProperty({}, 'x', { value: 'a-token/with+all' })],
    ['a cause', new Error('x', { cause: new Error('a-token/with+all') })],
    ['a field of an error', Object.assign(new Error('x'), { config: { a: 'a-token/with+all' } })],
    ['a URL', { url: `https://x/?a=${encodeURIComponent('a-token/with+all')}` }],
    ['a buffer', { data: Buffer.from('a-token/with+all') }],
    ['base64', { header: Buffer.from('a-token/with+all').toString('base64') }],
    ['a text of its own', { toString: () => 'a-token/with+all' }],
    ['a JSON form', { toJSON: () => 'a-token/with+all' }],
  ])('finds one that was planted in %s', (_where, value) => {
    expect(leaks(value, secrets)).not.toEqual([]);
  });

  it('finds none where there is none', () => {
    expect(leaks({ a: 'something else' }, secrets)).toEqual([]);
  });

  it('knows the secrets of this application', async () => {
    const { alice, secrets } = await bootSecretive();
    const found = await secrets();
    expect(Object.entries(found).filter(([, secret]) => (secret ?? '').length < 10)).toEqual([]);
    expect(leaks((await alice.token())!.toRecord(), found)).not.toEqual([]);
    expect(leaks((await alice.token())!.raw, found)).not.toEqual([]);
  });
});

describe('what an application holds', () => {
  it('shows no secret: sessions, their axios instances, tokens, events, stores', async () => {
    const store = new MemoryTokenStore();
    const authorizationRequestStore = new MemoryAuthorizationRequestStore();
    const application = await bootSecretive({ store, authorizationRequestStore });
    const { accounts, alice, server, completed } = application;
    const events: TokenEvent[] = [];
    application.application.get(OAuthClientRegistry).events$.subscribe((event) => {
      events.push(event);
    });
    const pending = await alice.authorizationUrl({ binding: 'pending-binding' });
    server.expireAccessTokens();
    const { config } = await firstValueFrom(alice.get('/things'));
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    for (const error of ['unauthorized_client', 'invalid_grant']) {
      server.next('token').respondJson(400, { error });
      await expect(alice.refreshToken()).rejects.toBeInstanceOf(OAuthClientError);
    }
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    await alice.clearToken();
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    const token = (await alice.token())!;
    const secrets = {
      ...(await application.secrets()),
      'pending state': pending.state,
      'pending binding': 'pending-binding',
    };
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['refreshed', 'stored', 'refresh_failed', 'reauthorization_required', 'cleared']),
    );
    for (const [name, value] of Object.entries({
      'the session of the client': accounts,
      'the session of a user': alice,
      'the session of a variant': alice.with({ scope: ['read'] }),
      'the axios instance of a user': alice.axiosRef,
      'the binding of a request': config.oauth,
      'the token': token,
      'the token of its record': TokenSet.from(token.toRecord()),
      'what completing answers': completed,
      'the events': events,
      'the token store': store,
      'the request store': authorizationRequestStore,
      'the stream of tokens': alice.token$,
      'the stream of events': alice.events$,
    })) {
      expect({ name, leaks: leaks(value, secrets) }).toEqual({ name, leaks: [] });
    }
  });

  it('shows no secret to hooks that print what they are given', async () => {
    const application = await bootSecretive();
    const { accounts, alice, server } = application;
    const printed: unknown[] = [];
    for (const type of ['refresh_token_response', 'protected_request'] as const) {
      accounts.registerComplianceHook(type, (value, context) => {
        printed.push(value, context);
        return value as never;
      });
    }
    server.expireAccessTokens();
    await firstValueFrom(alice.get('/things'));
    expect(printed).toHaveLength(6);
    expect(leaks(printed, await application.secrets())).toEqual([]);
  });

  it('shows no secret through what applications inject', async () => {
    const application = await bootSecretive({ transport: SECRET_TRANSPORT });
    await firstValueFrom(application.alice.get('/things'));
    const secrets = await application.secrets();
    for (const token of [OAuthClientRegistry, getOAuthClientToken('accounts')]) {
      expect(leaks(application.application.get(token), secrets)).toEqual([]);
    }
  });
});
