import { Injectable } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  getOAuthClientToken,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
  type OAuthClientModuleOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootApplication, bootClients } from '../support/application.js';
import { failure } from '../support/failure.js';
import {
  Billing,
  client,
  feature,
  injected,
  named,
  RootOptions,
  RootOptionsModule,
  Settings,
  SettingsModule,
} from './registration.fixtures.js';

describe('forRoot', () => {
  it('makes every client injectable everywhere, and the registry', async () => {
    const root = OAuthClientModule.forRoot({ clients: { billing: client, crm: client } });
    const application = await bootApplication({ imports: [feature(), root] });
    const { session } = application.get(Billing, { strict: false });
    expect(session).toBeInstanceOf(OAuthSession);
    expect(session.clientName).toBe('billing');
    expect(application.get(OAuthClientRegistry).get('billing')).toBe(session);
    expect(application.get(OAuthClientRegistry).names()).toEqual(['billing', 'crm']);
  });

  it('injects into a property as well as into a constructor', async () => {
    @Injectable()
    class ByProperty {
      @OAuthClient('billing') readonly session!: OAuthSession;
    }
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { billing: client } })],
      providers: [ByProperty, Billing],
    });
    expect(application.get(ByProperty).session).toBe(application.get(Billing).session);
  });

  it('prints the injection token so that an error of Nest says which client is missing', async () => {
    expect(String(getOAuthClientToken('github'))).toBe('OAuthClient(github)');
    const imports = [OAuthClientModule.forRoot({ clients: { github: client } })];
    const building = Test.createTestingModule({ imports, providers: [Billing] }).compile();
    await expect(building).rejects.toThrow('OAuthClient(billing)');
  });

  it('needs no network to boot', async () => {
    const registry = await bootClients({
      clients: { billing: { ...client, issuer: 'https://nothing-listens-here.invalid' } },
    });
    expect(registry.get('billing').clientId).toBe('client');
  });
});

describe('forRootAsync', () => {
  const imports = [SettingsModule];

  it('takes a factory with imports and inject, and makes names injectable', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      imports,
      inject: [Settings],
      useFactory: async ({ clientId }: Settings) => ({ clients: { billing: named(clientId) } }),
    });
    expect((await injected(root)).clientId).toBe('from-settings');
  });

  it('takes a class, made for this with its own dependencies', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      imports,
      useClass: RootOptions,
    });
    expect((await injected(root)).clientId).toBe('from-settings');
  });

  it('takes a provider that exists elsewhere', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      imports: [RootOptionsModule],
      useExisting: RootOptions,
    });
    expect((await injected(root)).clientId).toBe('from-settings');
  });

  it('reaches a client that it does not name through forFeature and the registry', async () => {
    const root = OAuthClientModule.forRootAsync({
      useFactory: () => ({ clients: { billing: client } }),
    });
    const session = await injected(OAuthClientModule.forFeature(['billing']), root);
    expect(session.clientId).toBe('client');
  });

  it('refuses async options that name no source', () => {
    expect(() => OAuthClientModule.forRootAsync({ names: ['billing'] })).toThrow(
      /useFactory, useClass or useExisting/,
    );
  });

  it('says so when the factory returns nothing', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      useFactory: () => undefined as unknown as OAuthClientModuleOptions,
    });
    const error = await failure(injected(root), ConfigurationError);
    expect(error.message).toContain('clients');
  });

  it('takes the namespace of a config module without a cast', async () => {
    const oauthConfig = registerAs('oauth', () => ({
      clients: {
        github: {
          clientId: 'octocat',
          clientSecret: 'secret',
          authorizationEndpoint: 'https://github.com/login/oauth/authorize',
          tokenEndpoint: 'https://github.com/login/oauth/access_token',
          redirectUri: 'https://app.example/github/callback',
          scope: ['read:user'],
          baseURL: 'https://api.github.com',
        },
        billing: {
          issuer: 'https://login.acme.example',
          clientId: 'invoicer',
          clientSecret: 'secret',
          clientAuthentication: { method: 'client_secret_post' },
          grant: 'client_credentials',
          scope: ['invoices:write'],
          baseURL: 'https://billing.acme.example',
        },
      },
    }));
    const session = await injected(
      await ConfigModule.forRoot({ load: [oauthConfig], ignoreEnvFile: true }),
      OAuthClientModule.forRootAsync({ names: ['github', 'billing'], ...oauthConfig.asProvider() }),
    );
    expect(session.clientId).toBe('invoicer');
  });
});
