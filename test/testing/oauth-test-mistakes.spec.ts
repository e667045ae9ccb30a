import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  OAuthClientModule,
  OAuthClientRegistry,
  TokenStoreError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import {
  inTurn,
  OAuthClientTestingModule,
  OAuthTestKit,
  overrideOAuthClient,
  type OAuthTestModuleOptions,
} from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { get, testClient } from './oauth-client-testing.support.js';
import { application, billing, compile, github } from './override-oauth-client.support.js';

const root = (clients: OAuthTestModuleOptions['clients']) =>
  OAuthClientTestingModule.forRoot({ clients });

describe('a reply that would answer something else than was meant', () => {
  it.each([
    ['a method in small letters', { 'get /x': 1 }],
    ['a path without its slash', { 'GET x': 1 }],
    ['one wrong route among right ones', { 'GET /x': 1, 'POST y': 2 }],
    ['a blank behind the path', { 'GET /x ': 1 }],
    ['a query', { 'GET /x?page=2': 1 }],
    ['a star in the middle', { 'GET /a/*/b': 1 }],
    ['a wrong route in turn', inTurn([], { 'get /x': 1 })],
    ['a wrong route behind a route', { '/x': { 'get /x': 1 } }],
  ])('is refused where it is set: %s', async (_what, reply) => {
    expect(() => root({ github: { reply } })).toThrow('which is none');
    const { client } = await testClient();
    expect(() => client.reply(reply)).toThrow('Write a route as');
    expect(() => client.tokenReply(reply)).toThrow('Write a route as');
  });

  it('is refused where an answer has its body by another name', async () => {
    const reply = { status: 404, body: { message: 'gone' } };
    expect(() => root({ github: { reply } })).toThrow('Write data for its body');
    const { session } = await testClient({ reply: () => reply });
    await expect(get(session.for('alice'), '/')).rejects.toThrow('Write data for its body');
  });

  it('is none where names are those of claims', async () => {
    const claims = { sub: 'alice', 'https://example.com/roles': ['admin'] };
    const { session } = await testClient({ reply: claims });
    expect(await get(session.for('alice'), '/')).toEqual(claims);
  });
});

describe('a token of the test that is none', () => {
  it.each([[''], [{}], [{ accessToken: 'a' }], [[]], [new Map([['alice', '']])]] as unknown[][])(
    'is refused where it is set: %j',
    (token) => {
      expect(() => root({ github: { token: token as string } })).toThrow(
        'The token that the test gives the client "github" is none.',
      );
    },
  );

  it.each([
    ['throws', () => Promise.reject(new Error('no such user')), 'no such user'],
    ['answers none', () => '', 'is none'],
  ])('is said of a function that %s', async (_what, token, said) => {
    const { session } = await testClient({ token });
    const error = await failure(session.for('alice').accessToken(), TokenStoreError);
    expect(error.message).toContain(said);
  });
});

describe('a client of the test that the application does not have', () => {
  it('is no client of the kit, booted or not', async () => {
    const builder = overrideOAuthClient(application({ clients: { github } }), 'gitub');
    const kit = OAuthTestKit.of(await builder.compile());
    expect(() => kit.client('gitub')).toThrow(ConfigurationError);
    expect(() => kit.client('gitub')).toThrow('Name one of github, or set registeredLater.');
  });

  it('is refused after compile()', async () => {
    const builder = overrideOAuthClient(application({ clients: { github, billing } }), 'github');
    await compile(builder);
    expect(() => overrideOAuthClient(builder, 'billing')).toThrow('do so before compile()');
  });
});

describe('OAuthClientTestingModule', () => {
  it('has clients that the application declares itself, in a feature or later', async () => {
    const builder = Test.createTestingModule({
      imports: [
        root({
          github: { registeredLater: true, reply: 'one' },
          billing: { registeredLater: true, reply: 'two' },
        }),
        OAuthClientModule.forFeature({ github }),
      ],
    });
    const module = await compile(builder);
    await module.init();
    const registry = module.get(OAuthClientRegistry);
    expect(await get(registry.get('github').for('alice'), '/')).toBe('one');
    expect(await get(registry.register('billing', billing), '/')).toBe('two');
    expect(OAuthTestKit.of(module).client('billing').tokenRequests).toHaveLength(1);
  });

  it('lets no client reach the network that the test does not set up', async () => {
    const real: OAuthClientOptions = { ...billing, allowInsecureHttp: true };
    const module = await compile(Test.createTestingModule({ imports: [root({ github: {} })] }));
    await module.init();
    expect(() => module.get(OAuthClientRegistry).register('billing', real)).toThrow(
      'Add billing: { registeredLater: true } in OAuthClientTestingModule.forRoot().',
    );
  });

  it('says that it does not go with overrideOAuthClient()', async () => {
    const builder = Test.createTestingModule({ imports: [root({ github: {}, billing: {} })] });
    overrideOAuthClient(builder, 'github', { reply: 'ok' });
    await expect(builder.compile().then((module) => module.init())).rejects.toThrow(
      'overrideOAuthClient() does not go with OAuthClientTestingModule',
    );
  });
});
