import { Module } from '@nestjs/common';
import { OAuthClientModule } from 'nestjs-oauth-client';
import { FilesController } from './files.controller.js';
import { sharedStores } from './stores.js';

@Module({
  imports: [
    OAuthClientModule.forRoot({
      ...sharedStores(), // that is all that makes replicas of it
      clients: {
        files: {
          clientId: process.env['ACME_ID']!,
          clientSecret: process.env['ACME_SECRET']!,
          authorizationEndpoint: process.env['ACME_AUTHORIZE']!,
          tokenEndpoint: process.env['ACME_TOKEN']!,
          redirectUri: process.env['ACME_REDIRECT']!,
          scope: ['files:read'],
          baseURL: process.env['ACME_API']!,
          allowInsecureHttp: true, // Acme runs on this machine; leave this out otherwise
        },
      },
    }),
  ],
  controllers: [FilesController],
})
export class AppModule {}
