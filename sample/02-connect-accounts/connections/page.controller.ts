import { applyDecorators, Controller, Get, Header, Sse, type MessageEvent } from '@nestjs/common';
import { map, merge, type Observable } from 'rxjs';
import { pageHeaders } from '../../shared/page.js';
import { AppConfig } from '../app.config.js';
import { connectionsPage } from '../pages/connections.page.js';
import { eventLine } from '../pages/event-line.js';
import { pageScript } from '../pages/page.script.js';
import { CurrentVisitor } from '../visitors/current-visitor.decorator.js';
import type { Visitor } from '../visitors/visitors.service.js';
import { ConnectionsService } from './connections.service.js';
import { EventJournal } from './event-journal.service.js';
import { FleetService } from './fleet.service.js';

const MACHINE = ''; // the subject of a client that acts for itself

const Headers = (headers: Record<string, string>): MethodDecorator =>
  applyDecorators(...Object.entries(headers).map(([name, value]) => Header(name, value)));

/** The page, its script, and the stream that keeps it up to date. */
@Controller()
export class PageController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly journal: EventJournal,
    private readonly fleet: FleetService,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Headers(pageHeaders)
  async page(@CurrentVisitor() visitor: Visitor): Promise<string> {
    const views = await this.connections.views(visitor);
    return connectionsPage({ visitor, views, acme: this.config.issuer });
  }

  @Get('page.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return pageScript;
  }

  @Sse('live')
  live(@CurrentVisitor() visitor: Visitor): Observable<MessageEvent> {
    const connection$ = this.connections
      .view$(visitor)
      .pipe(map((data) => ({ type: 'connection', data })));
    const event$ = this.journal
      .of(visitor.id, MACHINE)
      .pipe(map((event) => ({ type: 'token', data: eventLine(event) })));
    const fleet$ = this.fleet.lines$.pipe(map((data) => ({ type: 'fleet', data })));
    return merge(connection$, event$, fleet$);
  }
}
