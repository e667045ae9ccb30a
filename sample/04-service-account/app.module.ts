import { readFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { OAuthClientModule, type ServiceAccountKeyFile } from 'nestjs-oauth-client';
import { AppointmentsService } from './appointments.service.js';

const keyFile = JSON.parse(
  readFileSync(process.env['ACME_KEY_FILE']!, 'utf8'),
) as ServiceAccountKeyFile & { client_id: string };

@Module({
  imports: [
    OAuthClientModule.forRoot({
      clients: {
        calendar: {
          clientId: keyFile.client_id,
          tokenEndpoint: keyFile.token_uri!,
          grant: {
            type: 'jwt_bearer',
            keyFile, // brings key, kid, iss and aud; the scope becomes a claim
            lifetimeSeconds: 300,
            claims: { tenant: 'corp' },
          },
          scope: ['calendar:read'],
          baseURL: process.env['ACME_API']!,
          allowInsecureHttp: true, // Acme runs on this machine; leave this out otherwise
        },
      },
    }),
  ],
  providers: [AppointmentsService],
})
export class AppModule {}
