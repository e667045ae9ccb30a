import { AsyncResource } from 'node:async_hooks';
import { filter, Subject, type Observable } from 'rxjs';
import { externalText } from '../errors/external-text.js';
import { masked } from '../errors/masked.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { TokenEvent } from '../protocol/token-event.js';
import type { TokenKey } from '../store/token-key.js';
import { connectionCode } from './connection-code.js';
import { WatchedStream } from './watched-stream.js';

export type { TokenEvent, TokenEventType } from '../protocol/token-event.js';

/** Carries the token events of one application. */
export class TokenEventBus {
  readonly #events = new Subject<TokenEvent>();
  readonly #context = new AsyncResource('OAuthClientEvents');

  readonly #onFault: (stream: string, fault: unknown) => void;

  /** Every event, from now on; an observer that throws breaks nothing. */
  readonly events$: Observable<TokenEvent>;

  /** @param onFault - Told of what an observer threw, and of which stream it is one. */
  constructor(onFault: (stream: string, fault: unknown) => void) {
    this.#onFault = onFault;
    this.events$ = this.watched('events$', this.#events.asObservable());
  }

  /** Another stream of the application, whose observers break nothing, either. */
  watched<T>(name: string, source: Observable<T>): Observable<T> {
    return new WatchedStream<T>(source, (fault) => this.#onFault(name, fault));
  }

  /** Ends the stream, when the application does. */
  close(): void {
    this.#events.complete();
  }

  /** The events of one client, or of one subject of it. */
  of(client: string, subject?: string): Observable<TokenEvent> {
    return this.events$.pipe(
      filter((event) => event.client === client && (subject ?? event.subject) === event.subject),
    );
  }

  /** Tells the observers. */
  emit(key: TokenKey, event: Omit<TokenEvent, 'client' | 'subject' | 'variant'>): void {
    const { tokenTypes, missing, additional } = event;
    // Every observer gets this one object, and none may change it for the next.
    const told: TokenEvent = {
      client: key.client,
      subject: key.subject,
      ...(key.variant !== undefined && { variant: key.variant }),
      ...event,
      ...(tokenTypes && { tokenTypes: Object.freeze([...tokenTypes]) }),
      ...(missing && { missing: Object.freeze([...missing]) }),
      ...(additional && { additional: Object.freeze([...additional]) }),
    };
    // Observers belong to no request, and are no part of the acquisition that they hear of.
    this.#context.runInAsyncScope(() => this.#events.next(Object.freeze(told)));
  }
}

/** What is told of the token that an event is about. */
export function tokenFigures(token: {
  readonly fingerprint: string;
  readonly expiresAt: number | undefined;
}): Pick<TokenEvent, 'fingerprint' | 'expiresAt'> {
  const { fingerprint, expiresAt } = token;
  return { fingerprint, ...(expiresAt !== undefined && { expiresAt }) };
}

/** What an error is called by servers that keep to words: never the secret that was sent there. */
const WORDS = /^[a-z]{1,20}(?:[_.-][a-z]{1,20})*$/i;
const MAX_WORD = 100;

/**
 * What is told of an error: the server's own word, else the status of its answer, else the code of
 * the connection that failed, else our code.
 */
export function errorWord(error: unknown): string {
  if (!(error instanceof OAuthClientError)) return 'unknown';
  const { error: word, status } = error as { error?: string; status?: number };
  if (word === undefined) {
    const isOutage = error.code === 'token_endpoint' && status !== undefined && status >= 400;
    return isOutage ? String(status) : (connectionCode(error) ?? error.code);
  }
  const isWord = word.length <= MAX_WORD && WORDS.test(word);
  return isWord ? word : (externalText(masked(word)) ?? error.code);
}
