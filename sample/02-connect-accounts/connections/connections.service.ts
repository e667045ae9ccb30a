import { Injectable } from '@nestjs/common';
import { OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { combineLatest, firstValueFrom, map, merge, type Observable } from 'rxjs';
import type { ClientName } from '../app.config.js';
import type { Visitor } from '../visitors/visitors.service.js';
import { accounts, type Account } from './accounts.js';
import { connectionView, type ConnectionView } from './connection.view.js';
import { EventJournal } from './event-journal.service.js';

/** How the connections of a visitor stand. */
@Injectable()
export class ConnectionsService {
  readonly #sessions: Record<ClientName, OAuthSession>;

  constructor(
    @OAuthClient('acme-files') files: OAuthSession,
    @OAuthClient('acme-mail') mail: OAuthSession,
    @OAuthClient('acme-billing') billing: OAuthSession,
    private readonly journal: EventJournal,
  ) {
    this.#sessions = { 'acme-files': files, 'acme-mail': mail, 'acme-billing': billing };
  }

  /** How a visitor's connections stand now. */
  views(visitor: Visitor): Promise<ConnectionView[]> {
    return Promise.all(accounts.map((account) => firstValueFrom(this.#view$(account, visitor))));
  }

  /** How each connection stands now, and again whenever that changes, whoever changed it. */
  view$(visitor: Visitor): Observable<ConnectionView> {
    return merge(...accounts.map((account) => this.#view$(account, visitor)));
  }

  #view$({ client, ...account }: Account, visitor: Visitor): Observable<ConnectionView> {
    const own = this.#sessions[client];
    const session = account.actsFor === 'person' ? own.for(visitor.id) : own;
    return combineLatest([session.token$, this.journal.lost$(client, session.subject)]).pipe(
      map(([token, lost]) => connectionView({ client, ...account }, token, lost)),
    );
  }
}
