import { Inject, Injectable, Module } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  getOAuthClientToken,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootApplication } from '../support/application.js';
import { failure } from '../support/failure.js';
import {
  Billing,
  BillingOptions,
  BillingOptionsModule,
  client,
  feature,
  named,
  Settings,
  SettingsModule,
} from './registration.fixtures.js';

describe('forFeature', () => {
  const emptyRoot = OAuthClientModule.forRoot({ clients: {} });
  const inline = () => OAuthClientModule.forFeature({ billing: client });
  const byName = () => OAuthClientModule.forFeature(['billing']);

  it('makes a client that is configured right there injectable in the importing module', async () => {
    const application = await bootApplication({ imports: [emptyRoot, feature(inline())] });
    const { session } = application.get(Billing, { strict: false });
    expect(application.get(OAuthClientRegistry).get('billing')).toBe(session);
  });

  it.each([
    ['the feature before the root', () => [feature(inline()), emptyRoot]],
    ['the root before the feature', () => [emptyRoot, feature(inline())]],
    ['a name before its definition', () => [feature(byName()), feature(inline()), emptyRoot]],
    ['a definition before its name', () => [emptyRoot, feature(inline()), feature(byName())]],
    ['the same name in several features', () => [byName(), byName(), inline(), emptyRoot]],
    [
      'a name before its async definition',
      () => [
        feature(byName()),
        OAuthClientModule.forFeatureAsync({ name: 'billing', useFactory: async () => client }),
        emptyRoot,
      ],
    ],
  ])('works in any order of imports: %s', async (_order, imports) => {
    const application = await bootApplication({ imports: imports(), providers: [] });
    const session = application.get(OAuthClientRegistry).get('billing');
    expect(application.get(getOAuthClientToken('billing'), { strict: false })).toBe(session);
    expect(session.clientId).toBe('client');
  });

  it('declares once when modules share one forFeature', async () => {
    const shared = inline();
    const application = await bootApplication({
      imports: [emptyRoot, feature(shared), feature(shared)],
    });
    expect(application.get(OAuthClientRegistry).names()).toEqual(['billing']);
  });

  it('says what to import when there is no root', async () => {
    const building = Test.createTestingModule({ imports: [inline()] }).compile();
    const error = await failure(building, ConfigurationError);
    expect(error).toMatchObject({ client: 'billing' });
    expect(error.message).toMatch(/without a root.*forRoot\(\) or forRootAsync\(\)/s);
  });
});

describe('forFeatureAsync', () => {
  it('takes several clients, from a factory, a class and an existing provider', async () => {
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forFeatureAsync(
          {
            name: 'factory',
            imports: [SettingsModule],
            inject: [Settings],
            useFactory: ({ clientId }: Settings) => named(`factory-${clientId}`),
          },
          { name: 'class', imports: [SettingsModule], useClass: BillingOptions },
          { name: 'existing', imports: [BillingOptionsModule], useExisting: BillingOptions },
        ),
        OAuthClientModule.forRoot({ clients: {} }),
      ],
    });
    const idOf = (name: string) =>
      application.get<OAuthSession>(getOAuthClientToken(name), { strict: false }).clientId;
    expect(['factory', 'class', 'existing'].map(idOf)).toEqual([
      'factory-from-settings',
      'from-settings',
      'from-settings',
    ]);
  });
});

describe('a module that is loaded lazily', () => {
  const boot = () =>
    bootApplication({ imports: [OAuthClientModule.forRoot({ clients: { crm: client } })] });

  it('brings clients of its own, and injects those of the root', async () => {
    const application = await boot();
    @Injectable()
    class Lazy {
      constructor(
        @OAuthClient('billing') readonly billing: OAuthSession,
        @Inject(getOAuthClientToken('crm')) readonly crm: OAuthSession,
      ) {}
    }
    @Module({ imports: [OAuthClientModule.forFeature({ billing: client })], providers: [Lazy] })
    class LazyModule {}
    const lazy = await application.get(LazyModuleLoader).load(() => LazyModule);
    const { billing, crm } = lazy.get(Lazy);
    expect(billing.clientId).toBe('client');
    expect(application.get(OAuthClientRegistry).get('billing')).toBe(billing);
    expect(application.get(OAuthClientRegistry).get('crm')).toBe(crm);
  });

  it.each([
    ['an option mistake', 'billing', { ...client, clientId: '' }, /"clientId"/],
    ['a name that is taken', 'crm', client, /more than once/],
  ])('throws %s when it is loaded, and leaves nothing', async (_what, name, options, message) => {
    const application = await boot();
    const before = application.get(OAuthClientRegistry).names();
    const loading = application
      .get(LazyModuleLoader)
      .load(() => OAuthClientModule.forFeature({ [name]: options }), { logger: false });
    const error = await failure(loading, ConfigurationError);
    expect(error.problems).toMatchObject([{ client: name }]);
    expect(error.message).toMatch(message);
    expect(application.get(OAuthClientRegistry).names()).toEqual(before);
    expect(application.get(OAuthClientRegistry).get('crm').clientId).toBe('client');
  });
});
