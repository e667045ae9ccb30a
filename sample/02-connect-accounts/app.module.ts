import {
  Module,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { OAuthClientModule } from 'nestjs-oauth-client';
import { AppConfig } from './app.config.js';
import { AcmeCountersService } from './connections/acme-counters.service.js';
import { CallsController } from './connections/calls.controller.js';
import { CallsService } from './connections/calls.service.js';
import { ConnectionsService } from './connections/connections.service.js';
import { EventJournal } from './connections/event-journal.service.js';
import { FleetService } from './connections/fleet.service.js';
import { PageController } from './connections/page.controller.js';
import { oauthConfig } from './oauth.config.js';
import { VisitorMiddleware } from './visitors/visitor.middleware.js';
import { VisitorsService } from './visitors/visitors.service.js';

@Module({
  controllers: [PageController, CallsController],
  providers: [
    ConnectionsService,
    EventJournal,
    FleetService,
    CallsService,
    AcmeCountersService,
    VisitorsService,
  ],
})
export class AppModule implements NestModule {
  static with(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [OAuthClientModule.forRoot(oauthConfig(config))],
      providers: [{ provide: AppConfig, useValue: config }],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(VisitorMiddleware).forRoutes('{*path}');
  }
}
