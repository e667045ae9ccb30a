import { Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { OAuthSession } from '../session/oauth-session.js';
import { callerSession, type ClientOfRequest } from './caller-session.js';
import { WebContext } from './web.context.js';

/** What a handler asks for. It shows nothing of itself to the pipes that it goes through. */
export class AskedSession {
  readonly #client: ClientOfRequest;
  readonly #context: ExecutionContext;

  constructor(client: ClientOfRequest, context: ExecutionContext) {
    this.#client = client;
    this.#context = context;
  }

  /** The session that was asked for. */
  find(web: WebContext): Promise<OAuthSession> {
    return callerSession(web, this.#client, this.#context);
  }
}

/** Gives a handler the session that it asks for; Nest makes it in the module of the handler. */
@Injectable()
export class CurrentSessionPipe implements PipeTransform<unknown, Promise<OAuthSession>> {
  readonly #web: WebContext;

  constructor(web: WebContext) {
    this.#web = web;
  }

  async transform(asked: unknown): Promise<OAuthSession> {
    if (asked instanceof AskedSession) return asked.find(this.#web);
    throw new ConfigurationError({
      problem: 'A pipe of the application replaced what @CurrentSession asks for.',
      remedy: 'Let that pipe hand on what it does not know, or bind it to single parameters.',
    });
  }
}
