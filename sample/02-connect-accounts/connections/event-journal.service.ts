import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OAuthClientRegistry, type TokenEvent } from 'nestjs-oauth-client';
import { concat, defer, filter, map, startWith, Subject, type Observable } from 'rxjs';
import type { ClientName } from '../app.config.js';

const KEPT = 50;

/** Remembers what happened to tokens, so that a page opened later knows it, too. */
@Injectable()
export class EventJournal implements OnModuleInit {
  readonly #events$ = new Subject<TokenEvent>();
  readonly #recent = new Map<string, TokenEvent[]>();
  readonly #lost = new Set<string>();

  constructor(private readonly clients: OAuthClientRegistry) {}

  onModuleInit(): void {
    for (const name of this.clients.names()) {
      // A client's own session tells what happens to the tokens of all its subjects.
      this.clients.get(name).events$.subscribe((event) => this.#record(event));
    }
  }

  /** What happened to these subjects' tokens lately, then what happens. */
  of(...subjects: string[]): Observable<TokenEvent> {
    const recent = () => subjects.flatMap((subject) => this.#recent.get(subject) ?? []);
    return concat(
      defer(() => recent().toSorted((a, b) => a.at - b.at)),
      this.#events$.pipe(filter(({ subject }) => subjects.includes(subject))),
    );
  }

  /** Whether the provider has withdrawn the grant, so that the person must connect again. */
  lost$(client: ClientName, subject: string): Observable<boolean> {
    const lost = () => this.#lost.has(`${client} ${subject}`);
    return this.#events$.pipe(
      filter((event) => event.client === client && event.subject === subject),
      map(lost),
      startWith(lost()),
    );
  }

  #record(event: TokenEvent): void {
    const recent = [...(this.#recent.get(event.subject) ?? []), event];
    this.#recent.set(event.subject, recent.slice(-KEPT));
    const key = `${event.client} ${event.subject}`;
    if (event.type === 'reauthorization_required') this.#lost.add(key);
    else if (endsALoss.has(event.type)) this.#lost.delete(key);
    this.#events$.next(event);
  }
}

const endsALoss = new Set<TokenEvent['type']>(['fetched', 'refreshed', 'stored', 'cleared']);
