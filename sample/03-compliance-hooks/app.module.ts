import { Module } from '@nestjs/common';
import { OAuthClientModule } from 'nestjs-oauth-client';
import { AcmeFix } from './acme.fix.js';
import { OrdersService } from './orders.service.js';
import { RequestSigner } from './request-signer.service.js';
import { TokenLog } from './token-log.service.js';

@Module({
  imports: [
    OAuthClientModule.forRoot({
      clients: {
        acme: {
          clientId: process.env['ACME_ID']!,
          clientSecret: process.env['ACME_SECRET']!,
          authorizationEndpoint: `${process.env['ACME_URL']}/authorize`,
          tokenEndpoint: `${process.env['ACME_URL']}/token`,
          redirectUri: 'http://127.0.0.1/acme/callback',
          baseURL: process.env['ACME_URL']!,
          allowInsecureHttp: true, // Acme runs on this machine; leave this out otherwise
        },
      },
    }),
  ],
  providers: [AcmeFix, RequestSigner, TokenLog, OrdersService],
})
export class AppModule {}
