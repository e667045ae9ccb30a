import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import {
  OAuthClient,
  OAuthClientModule,
  OAuthSession,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { onTestFinished } from 'vitest';

/** As an application has it: nobody listens at any of these addresses. */
export const github: OAuthClientOptions = {
  clientId: 'real-id',
  clientSecret: () => Promise.reject(new Error('there is no vault in a test')),
  authorizationEndpoint: 'https://github.invalid/authorize',
  tokenEndpoint: 'https://github.invalid/access_token',
  redirectUri: 'https://app.example/callback',
  scope: ['repo'],
  baseURL: 'https://api.github.invalid/v3',
};
/** A machine's client, of discovered endpoints. */
export const billing: OAuthClientOptions = {
  issuer: 'https://login.acme.invalid',
  clientId: 'invoicer',
  clientSecret: 'secret',
  grant: 'client_credentials',
  baseURL: 'https://billing.acme.invalid',
};

@Injectable()
export class Repositories {
  constructor(@OAuthClient('github') readonly github: OAuthSession) {}

  async list(userId: string): Promise<unknown> {
    return (await firstValueFrom(this.github.for(userId).get<unknown>('/user/repos'))).data;
  }
}

/** Compiles; closed after the test. */
export async function compile(builder: TestingModuleBuilder): Promise<TestingModule> {
  const module = await builder.compile();
  onTestFinished(() => module.close());
  return module;
}

/** An application of a root and one service. */
export function application(options: OAuthClientModuleOptions): TestingModuleBuilder {
  @Module({ imports: [OAuthClientModule.forRoot(options)], providers: [Repositories] })
  class AppModule {}
  return Test.createTestingModule({ imports: [AppModule] });
}
