import { Controller, HttpCode, Param, Post, UseFilters, UseGuards } from '@nestjs/common';
import {
  CurrentSession,
  OAuthExceptionFilter,
  type OAuthSession,
  type WebRequest,
} from 'nestjs-oauth-client';
import type { Observable } from 'rxjs';
import { SameOriginGuard } from '../visitors/same-origin.guard.js';
import { accountOf } from './accounts.js';
import type { Count } from './acme-counters.service.js';
import { CallsService, type CallAnswer } from './calls.service.js';

/** The client that an address names, if it is one of ours. */
const named = ({ params }: WebRequest) => accountOf((params as { client: string }).client).client;

/** What the buttons of the page do. */
@Controller('connections/:client')
@UseGuards(SameOriginGuard)
@UseFilters(OAuthExceptionFilter)
export class CallsController {
  constructor(private readonly calls: CallsService) {}

  @Post('call')
  @HttpCode(200)
  once(
    @Param('client') client: string,
    @CurrentSession(named) session: OAuthSession,
  ): Observable<CallAnswer> {
    return this.calls.once(session, accountOf(client));
  }

  @Post('burst')
  @HttpCode(200)
  burst(
    @Param('client') client: string,
    @CurrentSession(named) session: OAuthSession,
  ): Promise<Count> {
    return this.calls.burst(session, accountOf(client));
  }
}
