import { Controller, HttpCode, Param, Post, UseFilters } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { CurrentVisitor } from '../visitors/current-visitor.decorator.js';
import type { Visitor } from '../visitors/visitors.service.js';
import type { Count } from './acme-counters.service.js';
import { CallProblemFilter } from './call-problem.filter.js';
import { CallsService, type CallAnswer } from './calls.service.js';
import { ConnectionsService } from './connections.service.js';

/** What the buttons of the page do. */
@Controller('connections/:client')
@UseFilters(CallProblemFilter)
export class CallsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly calls: CallsService,
  ) {}

  @Post('call')
  @HttpCode(200)
  once(
    @Param('client') client: string,
    @CurrentVisitor() visitor: Visitor,
  ): Observable<CallAnswer> {
    const account = this.connections.account(client);
    return this.calls.once(this.connections.session(account, visitor), account);
  }

  @Post('burst')
  @HttpCode(200)
  burst(@Param('client') client: string, @CurrentVisitor() visitor: Visitor): Promise<Count> {
    const account = this.connections.account(client);
    return this.calls.burst(this.connections.session(account, visitor), account);
  }
}
