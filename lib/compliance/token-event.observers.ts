import { closestMatch } from 'leven';
import { ConfigurationError } from '../errors/configuration.errors.js';
import {
  TOKEN_EVENT_TYPES,
  type TokenEvent,
  type TokenEventType,
} from '../protocol/token-event.js';

/** A method that hears of events. */
export interface TokenEventObserver {
  /** Where it stands, as `Class.method`. */
  readonly name: string;
  /** The types that it hears of; none are all. */
  readonly types: ReadonlySet<TokenEventType>;
  /** Tells it. */
  readonly hear: (event: TokenEvent) => unknown;
}

/** What the application's providers hear of the tokens of all clients. */
export class TokenEventObservers {
  readonly #observers: TokenEventObserver[] = [];

  add(observer: TokenEventObserver): void {
    this.#observers.push(observer);
  }

  /** Who hears of events of this type. */
  of(type: TokenEventType): TokenEventObserver[] {
    return this.#observers.filter(({ types }) => types.size === 0 || types.has(type));
  }
}

/** Throws where there is no such type of event: from JavaScript, or from a decorator without `()`. */
export function demandEventTypes(types: readonly unknown[]): void {
  const wrong = types.filter((type) => !TOKEN_EVENT_TYPES.includes(type as string));
  if (wrong.length === 0) return;
  const [word] = wrong;
  const isText = typeof word === 'string';
  const meant = isText ? closestMatch(word, TOKEN_EVENT_TYPES, { maxDistance: 5 }) : undefined;
  const question = meant === undefined ? '' : `Did you mean "${meant}"? `;
  throw new ConfigurationError({
    problem: `@OnTokenEvent() was given ${isText ? `"${word}"` : 'something'} that is no type of event.`,
    remedy: `${question}There are: ${TOKEN_EVENT_TYPES.join(', ')}.`,
  });
}
