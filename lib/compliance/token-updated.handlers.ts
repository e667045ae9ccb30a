import { HANDLER_LIMIT_MS } from './compliance.hooks.js';
import { HandlerError } from '../errors/configuration.errors.js';
import { withinLimit } from '../protocol/time-limit.js';
import type { TokenSet } from '../protocol/token-set.js';

/** What a token-updated handler is told besides the new token. */
export interface TokenUpdatedContext {
  /** The client, as it is registered. */
  readonly client: string;
  /** Whose token; `''` is the client itself. */
  readonly subject: string;
  /** The token that was replaced. */
  readonly previous: TokenSet | undefined;
}

/** Told of a new token after it is stored and before it is used. */
export type TokenUpdatedHandler = (token: TokenSet, context: TokenUpdatedContext) => unknown;

/** The handlers that hear of one client's new tokens, one after the other. */
export class TokenUpdatedHandlers {
  readonly #handlers = new Set<TokenUpdatedHandler>();

  /** Whether there is a handler at all. */
  get any(): boolean {
    return this.#handlers.size > 0;
  }

  /** Adds a handler; returns its removal. */
  add(handler: TokenUpdatedHandler): () => void {
    const entry: TokenUpdatedHandler = (token, context) => handler(token, context);
    this.#handlers.add(entry);
    return () => void this.#handlers.delete(entry);
  }

  /** Tells every handler; one that throws, or is too slow, fails the calls that wait. */
  async tell(token: TokenSet, context: TokenUpdatedContext): Promise<void> {
    for (const handler of this.#handlers) {
      try {
        await withinLimit(handler(token, context), HANDLER_LIMIT_MS);
      } catch (cause) {
        throw new HandlerError({
          client: context.client,
          subject: context.subject,
          problem: 'A token-updated handler failed; the new token is stored.',
          remedy: 'Mend the handler, or do slow work in an observer of events$.',
          cause,
        });
      }
    }
  }
}
