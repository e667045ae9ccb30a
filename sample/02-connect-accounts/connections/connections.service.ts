import { Injectable, NotFoundException } from '@nestjs/common';
import { OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { combineLatest, firstValueFrom, map, merge, type Observable } from 'rxjs';
import type { ClientName } from '../app.config.js';
import type { Visitor } from '../visitors/visitors.service.js';
import { accounts, type Account } from './accounts.js';
import { connectionView, type ConnectionView } from './connection.view.js';
import { EventJournal } from './event-journal.service.js';

/** Which session a visitor's connection is, and how it stands. */
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

  account(client: string): Account {
    const account = accounts.find((known) => known.client === client);
    if (!account) throw new NotFoundException(`There is no “${client}” here.`);
    return account;
  }

  /** An account that a person can connect. */
  connectable(client: string): Account {
    const account = this.account(client);
    if (account.actsFor !== 'person') throw new NotFoundException('Nobody has to connect this.');
    return account;
  }

  /** The session of the client itself, for what is not about one person. */
  clientSession({ client }: Account): OAuthSession {
    return this.#sessions[client];
  }

  /** The session that acts for this visitor; for a machine client, the one that acts for itself. */
  session({ client, actsFor }: Account, visitor: Visitor): OAuthSession {
    const session = this.#sessions[client];
    return actsFor === 'person' ? session.for(visitor.id) : session;
  }

  /** How a visitor's connections stand now. */
  views(visitor: Visitor): Promise<ConnectionView[]> {
    return Promise.all(accounts.map((account) => firstValueFrom(this.#view$(account, visitor))));
  }

  /** How each connection stands now, and again whenever that changes, whoever changed it. */
  view$(visitor: Visitor): Observable<ConnectionView> {
    return merge(...accounts.map((account) => this.#view$(account, visitor)));
  }

  #view$(account: Account, visitor: Visitor): Observable<ConnectionView> {
    const session = this.session(account, visitor);
    return combineLatest([
      session.token$,
      this.journal.lost$(account.client, session.subject),
    ]).pipe(map(([token, lost]) => connectionView(account, token, lost)));
  }
}
