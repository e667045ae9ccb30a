import type { Type } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenSet,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { bootApplication, userClient } from '../support/application.js';

/** An application whose providers are extensions, and the session of one user of its client. */
export interface ExtendedApplication {
  readonly application: TestingModule;
  readonly session: OAuthSession;
  /** The session of alice, who is not connected yet; of a client that acts for users. */
  readonly alice: OAuthSession;
}

/** Boots an application with one client, `client`, that knows every endpoint. */
export async function bootExtended(
  server: FakeAuthorizationServer,
  providers: Type[],
  client: Partial<OAuthClientOptions> = {},
): Promise<ExtendedApplication> {
  const { revocationEndpoint, introspectionEndpoint } = server;
  const options = userClient(server, { revocationEndpoint, introspectionEndpoint, ...client });
  const application = await bootApplication({
    imports: [OAuthClientModule.forRoot({ clients: { client: options } })],
    providers,
  });
  const session = application.get(OAuthClientRegistry).get('client');
  return {
    application,
    session,
    get alice() {
      return session.for('alice');
    },
  };
}

/** Connects a user by a code, as a callback would. */
export async function connect(
  session: OAuthSession,
  server: FakeAuthorizationServer,
): Promise<TokenSet> {
  const { url } = await session.authorizationUrl();
  const authorizationResponse = await server.authorize(url);
  return session.fetchToken({ authorizationResponse });
}
