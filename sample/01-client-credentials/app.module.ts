import { Module } from '@nestjs/common';
import { OAuthClientModule } from 'nestjs-oauth-client';
import { InvoicesService } from './invoices.service.js';

@Module({
  imports: [
    OAuthClientModule.forRoot({
      clients: {
        billing: {
          issuer: process.env['ACME_ISSUER']!, // the endpoints are discovered
          clientId: process.env['ACME_ID']!,
          clientSecret: process.env['ACME_SECRET']!,
          grant: 'client_credentials',
          scope: ['invoices:read'],
          baseURL: process.env['ACME_API']!,
          allowInsecureHttp: true, // Acme runs on this machine; leave this out otherwise
        },
      },
    }),
  ],
  providers: [InvoicesService],
})
export class AppModule {}
