import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { AppConfig } from '../app.config.js';
import { VisitorsService, type Visitor } from './visitors.service.js';

export interface VisitorRequest extends Request {
  visitor: Visitor;
}

/** Knows a browser by its session cookie, and gives a new browser one. */
@Injectable()
export class VisitorMiddleware implements NestMiddleware {
  readonly #cookie: string;

  constructor(
    private readonly visitors: VisitorsService,
    config: AppConfig,
  ) {
    // Ports do not separate cookies: two of these samples side by side would take each other's.
    this.#cookie = `session_${new URL(config.origin).port}`;
  }

  use(request: VisitorRequest, response: Response, next: NextFunction): void {
    const known = this.visitors.recognise(this.#read(request));
    request.visitor = known ?? this.visitors.welcome();
    if (!known) {
      // Lax, not Strict: the provider's redirect back to us must carry it.
      response.cookie(this.#cookie, request.visitor.sessionId, { httpOnly: true, sameSite: 'lax' });
    }
    next();
  }

  #read({ headers }: Request): string | undefined {
    const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim().split('='));
    return cookies.find(([name]) => name === this.#cookie)?.[1];
  }
}
