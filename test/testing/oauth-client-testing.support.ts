import { OAuthClientRegistry, type OAuthSession } from 'nestjs-oauth-client';
import {
  OAuthClientTestingModule,
  OAuthTestKit,
  type OAuthTestClient,
  type OAuthTestClientOptions,
} from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { bootApplication } from '../support/application.js';

/** A session of one test client, and the client itself. */
export async function testClient(
  options: OAuthTestClientOptions = {},
): Promise<{ session: OAuthSession; client: OAuthTestClient; kit: OAuthTestKit }> {
  const application = await bootApplication({
    imports: [OAuthClientTestingModule.forRoot({ clients: { github: options } })],
  });
  const kit = OAuthTestKit.of(application);
  const session = application.get(OAuthClientRegistry).get('github');
  return { session, client: kit.client('github'), kit };
}

/** The data of a GET. */
export const get = async (session: OAuthSession, path: string): Promise<unknown> =>
  (await firstValueFrom(session.get<unknown>(path))).data;
