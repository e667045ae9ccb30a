// A process of its own, with the environment that it is started with: an application of one client,
// which fetches a token at the origin that is named and calls the API there. It prints what became
// of that. `node --import ./test/support/typescript.mjs <this file> <origin>`
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { OAuthClientError, OAuthClientModule, OAuthClientRegistry } from '../../lib/index.js';

const origin = process.argv[2]!;
const application = await NestFactory.createApplicationContext(
  OAuthClientModule.forRoot({
    clients: {
      client: {
        clientId: 'client',
        clientSecret: 'secret',
        grant: 'client_credentials',
        tokenEndpoint: `${origin}/token`,
        baseURL: origin,
      },
    },
  }),
  { logger: false },
);
try {
  const session = application.get(OAuthClientRegistry).get('client');
  const { status } = await firstValueFrom(session.get('/things'));
  console.log(status);
} catch (error) {
  console.log(error instanceof OAuthClientError ? error.message : 'another failure');
} finally {
  await application.close();
}
