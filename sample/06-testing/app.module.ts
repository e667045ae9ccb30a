import { Module } from '@nestjs/common';
import { OAuthClientModule } from 'nestjs-oauth-client';
import { DigestService } from './digest.service.js';
import { TrackerFix } from './tracker.fix.js';

@Module({
  imports: [
    OAuthClientModule.forRootAsync({
      names: ['tracker', 'chat'],
      useFactory: () => ({
        clients: {
          // for each user
          tracker: {
            issuer: process.env['TRACKER_ISSUER']!,
            clientId: process.env['TRACKER_ID']!,
            clientSecret: process.env['TRACKER_SECRET']!,
            redirectUri: 'https://app.example/tracker/callback',
            scope: ['issues:read'],
            baseURL: process.env['TRACKER_API']!,
            allowInsecureHttp:
              process.env['TRACKER_ISSUER']?.startsWith('http://127.0.0.1') ?? false,
          },
          // for the application itself
          chat: {
            tokenEndpoint: 'https://chat.acme.example/token',
            clientId: process.env['CHAT_ID']!,
            clientSecret: process.env['CHAT_SECRET']!,
            grant: 'client_credentials',
            scope: ['messages:write'],
            baseURL: 'https://chat.acme.example/api',
          },
        },
      }),
    }),
  ],
  providers: [DigestService, TrackerFix],
})
export class AppModule {}
