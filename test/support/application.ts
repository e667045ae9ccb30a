import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import {
  FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  type FakeIssueOptions,
} from 'nestjs-oauth-client/testing';
import { onTestFinished } from 'vitest';

/** Starts a fake authorization server that is stopped after the test. */
export async function startServer(
  options: FakeAuthorizationServerOptions = {},
): Promise<FakeAuthorizationServer> {
  const server = await FakeAuthorizationServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

/** Boots an application, that is: compiles and initialises it; it is closed after the test. */
export async function bootApplication(
  metadata: ModuleMetadata,
  change: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<TestingModule> {
  const application = await change(Test.createTestingModule(metadata)).compile();
  await application.init();
  onTestFinished(() => application.close());
  return application;
}

/** Boots an application of nothing but a root with these options; returns its registry. */
export async function bootClients(options: OAuthClientModuleOptions): Promise<OAuthClientRegistry> {
  const application = await bootApplication({ imports: [OAuthClientModule.forRoot(options)] });
  return application.get(OAuthClientRegistry);
}

/** Boots an application of one client, named `client`; returns the client's own session. */
export async function bootClient(
  client: OAuthClientOptions,
  options: Partial<OAuthClientModuleOptions> = {},
): Promise<OAuthSession> {
  return (await bootClients({ ...options, clients: { client } })).get('client');
}

/** Options of a client that acts for itself at a fake server. */
export function machineClient(
  server: FakeAuthorizationServer,
  more: Partial<OAuthClientOptions> = {},
): OAuthClientOptions {
  return { ...userClient(server), grant: 'client_credentials', ...more };
}

/** Options of a client that acts for users at a fake server. */
export function userClient(
  server: FakeAuthorizationServer,
  more: Partial<OAuthClientOptions> = {},
): OAuthClientOptions {
  return {
    authorizationEndpoint: server.authorizationEndpoint,
    tokenEndpoint: server.tokenEndpoint,
    clientId: 'client',
    clientSecret: 'secret',
    redirectUri: 'https://app.example/callback',
    baseURL: server.apiUrl,
    allowInsecureHttp: true,
    ...more,
  };
}

/** Gives a user a token, with a refresh token unless told otherwise; returns the user's session. */
export async function connectUser(
  session: OAuthSession,
  server: FakeAuthorizationServer,
  subject: string,
  issue: FakeIssueOptions = {},
): Promise<OAuthSession> {
  const users = session.for(subject);
  await users.setToken({ ...server.issueTokens({ ...issue, subject }) });
  return users;
}
