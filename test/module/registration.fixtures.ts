import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import {
  OAuthClient,
  OAuthSession,
  type OAuthClientFeatureOptionsFactory,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthClientOptionsFactory,
} from 'nestjs-oauth-client';
import { bootApplication } from '../support/application.js';

/** A client that is never called: nothing listens at these addresses. */
export const client: OAuthClientOptions = {
  clientId: 'client',
  clientSecret: 'secret',
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
  grant: 'client_credentials',
};
export const named = (clientId: string): OAuthClientOptions => ({ ...client, clientId });

@Injectable()
export class Billing {
  constructor(@OAuthClient('billing') readonly session: OAuthSession) {}
}

/** The session that an application with these imports injects under `billing`. */
export async function injected(...imports: (DynamicModule | Promise<DynamicModule>)[]) {
  const application = await bootApplication({ imports, providers: [Billing] });
  return application.get(Billing).session;
}

/** A module of its own, so that nothing is visible by accident. */
export function feature(...imports: DynamicModule[]): DynamicModule {
  @Module({})
  class FeatureModule {}
  return { module: FeatureModule, imports, providers: [Billing], exports: [Billing] };
}

@Injectable()
export class Settings {
  readonly clientId = 'from-settings';
}
@Module({ providers: [Settings], exports: [Settings] })
export class SettingsModule {}

@Injectable()
export class RootOptions implements OAuthClientOptionsFactory {
  constructor(private readonly settings: Settings) {}
  async createOAuthClientOptions(): Promise<OAuthClientModuleOptions> {
    return { clients: { billing: named(this.settings.clientId) } };
  }
}
@Module({ imports: [SettingsModule], providers: [RootOptions], exports: [RootOptions] })
export class RootOptionsModule {}

@Injectable()
export class BillingOptions implements OAuthClientFeatureOptionsFactory {
  constructor(private readonly settings: Settings) {}
  createOAuthClientOptions(): OAuthClientOptions {
    return named(this.settings.clientId);
  }
}
@Module({ imports: [SettingsModule], providers: [BillingOptions], exports: [BillingOptions] })
export class BillingOptionsModule {}
