import { Controller, Get, HttpCode, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pageHeaders } from '../../shared/page.js';
import { connectProblemPage } from '../pages/connect-problem.page.js';
import { CurrentVisitor } from '../visitors/current-visitor.decorator.js';
import type { Visitor } from '../visitors/visitors.service.js';
import type { Account } from './accounts.js';
import { CallProblemFilter } from './call-problem.filter.js';
import { ConnectionsService } from './connections.service.js';

/** How a connection is made, and ended. */
@Controller()
export class ConnectController {
  constructor(private readonly connections: ConnectionsService) {}

  /** Sends the person to Acme. What comes back is bound to their browser's session. */
  @Get('connections/:client/connect')
  async connect(
    @Param('client') client: string,
    @CurrentVisitor() visitor: Visitor,
    @Res() response: Response,
  ): Promise<void> {
    const account = this.connections.connectable(client);
    const session = this.connections.session(account, visitor);
    try {
      const { url } = await session.authorizationUrl({ binding: visitor.sessionId, returnTo: '/' });
      response.redirect(url);
    } catch (error) {
      await this.#explain(error, account, visitor, response);
    }
  }

  /** Where Acme sends the person back to, with a code for a token or with a refusal. */
  @Get('callback/:client')
  async callback(
    @Param('client') client: string,
    @CurrentVisitor() visitor: Visitor,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const account = this.connections.connectable(client);
    try {
      // On the client's own session: whose connection it is, was put down when it was begun.
      const { returnTo } = await this.connections.clientSession(account).completeAuthorization({
        authorizationResponse: request.originalUrl,
        binding: visitor.sessionId,
      });
      response.redirect(returnTo ?? '/');
    } catch (error) {
      await this.#explain(error, account, visitor, response);
    }
  }

  @Post('connections/:client/disconnect')
  @HttpCode(204)
  @UseFilters(CallProblemFilter)
  async disconnect(
    @Param('client') client: string,
    @CurrentVisitor() visitor: Visitor,
  ): Promise<void> {
    const account = this.connections.connectable(client);
    // Forgotten here in any case, and ended at Acme; `clearToken()` would only forget.
    await this.connections.session(account, visitor).revokeToken();
  }

  async #explain(
    error: unknown,
    account: Account,
    visitor: Visitor,
    response: Response,
  ): Promise<void> {
    const connected = await this.connections.session(account, visitor).authorized();
    const { status, page } = connectProblemPage(error, account, connected);
    response.status(status).set(pageHeaders).send(page);
  }
}
