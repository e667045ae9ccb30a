import { IncomingMessage, type ServerResponse } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { AppConfig } from '../app.config.js';
import { VisitorsService, type Visitor } from './visitors.service.js';

/** Who sent which request; a WeakMap, so that it is the same with Express and with Fastify. */
const visitors = new WeakMap<object, Visitor>();

/** Who sent a request, as a handler has it: Express gives Node's own, Fastify has it as `raw`. */
export function visitorOf(request: object & { raw?: unknown }): Visitor {
  const { raw } = request;
  const visitor = visitors.get(raw instanceof IncomingMessage ? raw : request);
  if (!visitor) throw new Error('The request did not pass the VisitorMiddleware.');
  return visitor;
}

/** Knows a browser by its session cookie, and gives a new browser one. */
@Injectable()
export class VisitorMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  readonly #cookie: string;

  constructor(
    private readonly service: VisitorsService,
    config: AppConfig,
  ) {
    // Ports do not separate cookies: two of these samples side by side would take each other's.
    this.#cookie = `session_${new URL(config.origin).port}`;
  }

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const known = this.service.recognise(this.#read(request));
    const visitor = known ?? this.service.welcome();
    visitors.set(request, visitor);
    // A form that the provider's page posts comes without our cookie, which must not be replaced then.
    if (!known && request.method === 'GET') {
      // Lax, not Strict: the provider's redirect back to us must carry it.
      const cookie = `${this.#cookie}=${visitor.sessionId}; Path=/; HttpOnly; SameSite=Lax`;
      response.appendHeader('Set-Cookie', cookie);
    }
    next();
  }

  #read({ headers }: IncomingMessage): string | undefined {
    const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim().split('='));
    return cookies.find(([name]) => name === this.#cookie)?.[1];
  }
}
