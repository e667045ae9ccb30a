import { Injectable } from '@nestjs/common';
import { TokenSet, type OAuthSession } from 'nestjs-oauth-client';
import { lastValueFrom, map, mergeMap, range, toArray, type Observable } from 'rxjs';
import type { Account } from './accounts.js';
import { AcmeCountersService, type Count } from './acme-counters.service.js';

export interface CallAnswer {
  status: number;
  body: unknown;
}

const CALLS = 100;

/** Calls Acme's API. Not a word about tokens in here, but where one is spoilt on purpose. */
@Injectable()
export class CallsService {
  constructor(private readonly counters: AcmeCountersService) {}

  once(session: OAuthSession, { path }: Account): Observable<CallAnswer> {
    return session
      .get<unknown>(path, { validateStatus: () => true }) // any answer is shown, a 403, too
      .pipe(map(({ status, data }) => ({ status, body: data })));
  }

  /** 100 calls at once on an expired token, and what that cost. */
  async burst(session: OAuthSession, account: Account): Promise<Count> {
    await this.#expire(session);
    return this.counters.during(account, () =>
      lastValueFrom(
        range(CALLS).pipe(
          mergeMap(() => this.once(session, account)),
          toArray(),
        ),
      ),
    );
  }

  /** Puts the token's end into the past, as if an hour had gone by. */
  async #expire(session: OAuthSession): Promise<void> {
    await session.accessToken(); // the person's consent may have ended: then this says so
    const token = await session.token();
    if (!token) return;
    const expiresAt = Math.floor(Date.now() / 1000) - 3600;
    await session.setToken(TokenSet.from({ ...token.toRecord(), expiresAt }));
  }
}
