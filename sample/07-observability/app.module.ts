import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { OAuthClientModule } from 'nestjs-oauth-client';
import { OAuthHealthIndicator } from 'nestjs-oauth-client/terminus';
import { CallsController } from './calls.controller.js';
import { EventPrinter } from './event-printer.service.js';
import { HealthController } from './health.controller.js';

const acme = {
  clientId: process.env['ACME_ID']!,
  clientSecret: process.env['ACME_SECRET']!,
  allowInsecureHttp: true, // Acme runs on this machine; leave this out otherwise
};

@Module({
  imports: [
    TerminusModule,
    OAuthClientModule.forRoot({
      clients: {
        files: {
          ...acme,
          issuer: process.env['FILES_ISSUER']!,
          redirectUri: 'https://app.example/callback',
          scope: ['files:read'],
          baseURL: process.env['FILES_API']!,
        },
        billing: {
          ...acme,
          issuer: process.env['BILLING_ISSUER']!,
          grant: 'client_credentials',
          scope: ['invoices:read'],
          baseURL: process.env['BILLING_API']!,
          // Sooner and shorter than by default, so that nobody has to wait long here.
          refresh: { cooldown: { afterFailures: 2, seconds: 2 }, rejectedPauseSeconds: 0 },
        },
      },
    }),
  ],
  controllers: [CallsController, HealthController],
  providers: [OAuthHealthIndicator, EventPrinter],
})
export class AppModule {}
