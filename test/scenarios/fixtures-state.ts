import { Injectable, type Type } from '@nestjs/common';
import {
  OnTokenUpdated,
  type OAuthSession,
  type TokenSet,
  type TokenUpdatedContext,
} from 'nestjs-oauth-client';
import type { FakeApiAnswer, FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';

/** What an updater was told, and how many API calls had come to the server by then. */
export interface Told {
  readonly token: TokenSet;
  readonly context: TokenUpdatedContext;
  readonly apiCalls: number;
}

/** A provider that writes down every new token of the client `client`. */
export function updaterOf(server: FakeAuthorizationServer, told: Told[]): Type {
  @Injectable()
  class Updater {
    @OnTokenUpdated('client')
    updated(token: TokenSet, context: TokenUpdatedContext): void {
      told.push({ token, context, apiCalls: server.journal.count('api') });
    }
  }
  return Updater;
}

/** One GET of the API: the request as the API saw it. */
export async function answerOf(session: OAuthSession, path = '/things'): Promise<FakeApiAnswer> {
  return (await firstValueFrom(session.get<FakeApiAnswer>(path))).data;
}

/** The access token in the header of each API call so far, in order. */
export function carriedTokens(server: FakeAuthorizationServer): (string | undefined)[] {
  return server.journal
    .requests('api')
    .map(({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]);
}

/** The form of the latest request to the token endpoint. */
export function lastTokenForm(server: FakeAuthorizationServer): URLSearchParams {
  return server.journal.requests('token').at(-1)!.form;
}

/** What a Basic header says, decoded; `undefined` where there is none. */
export function basicOf(authorization: string | undefined): string | undefined {
  const encoded = /^Basic (.+)$/.exec(authorization ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
}

/** A user's token whose end is past, with a refresh token that the server takes. */
export async function giveExpiredToken(
  session: OAuthSession,
  server: FakeAuthorizationServer,
): Promise<TokenSet> {
  return session.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -10 });
}
