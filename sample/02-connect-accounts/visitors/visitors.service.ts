import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

export interface Visitor {
  /** Who it is, in this application: the subject of their connections. */
  id: string;
  /** The secret that their browser holds: what a connection is bound to while it is made. */
  sessionId: string;
}

/** The application's own sign-in, as small as can be: a browser becomes a user on its first visit. */
@Injectable()
export class VisitorsService {
  readonly #visitors = new Map<string, Visitor>();

  recognise(sessionId: string | undefined): Visitor | undefined {
    return sessionId === undefined ? undefined : this.#visitors.get(sessionId);
  }

  welcome(): Visitor {
    const visitor = {
      id: `guest-${randomUUID().slice(0, 8)}`,
      sessionId: randomBytes(32).toString('base64url'),
    };
    this.#visitors.set(visitor.sessionId, visitor);
    return visitor;
  }
}
