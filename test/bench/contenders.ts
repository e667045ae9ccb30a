import type { Agent } from 'node:http';
import { HttpModule, HttpService } from '@nestjs/axios';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import {
  getOAuthClientToken,
  OAuthClientModule,
  TokenSet,
  type OAuthSession,
  type RefreshOptions,
  type TokenStore,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import type { Libraries } from './peers/libraries.js';
import { answerOf, peers, type TokenUser } from './peers/peers.js';
import { AUTHORIZATION, PATH, TOKEN } from './resource.js';
import type { Contender } from './rounds.js';

/** How the contenders reach the API, the same for all. */
export interface Reach {
  readonly baseURL: string;
  readonly httpAgent?: Agent;
  readonly adapter?: AxiosAdapter;
  /** The libraries to compare with. */
  readonly libraries?: Libraries | undefined;
}

/** An application with a client that acts for itself and one that acts for users. */
export interface Bench {
  readonly app: INestApplicationContext;
  readonly machine: OAuthSession;
  readonly people: OAuthSession;
  /** Of an `HttpModule` beside them. */
  readonly httpService: HttpService;
  /** What a hand-written client is configured with. */
  readonly config: AxiosRequestConfig;
}

/** The contenders of a comparison, bare axios first. */
export interface Field extends Bench {
  readonly contenders: readonly Contender[];
}

/** What an application is made with, beside how it reaches the API. */
export interface BenchOptions {
  readonly refresh?: RefreshOptions;
  readonly store?: TokenStore;
}

const LASTING = { access_token: TOKEN, token_type: 'Bearer', expires_in: 86_400 } as const;

/** Boots the application. */
export async function bench(reach: Reach, options: BenchOptions = {}): Promise<Bench> {
  const { libraries: _, ...own } = reach;
  // As a hand-written client would: the token is a fixed header. Sessions judge redirects
  // themselves and keep follow-redirects out of the way; the others are compared without it, too.
  const config = { ...own, headers: { Authorization: AUTHORIZATION }, maxRedirects: 0 };
  const app = await NestFactory.createApplicationContext(benchModule(own, config, options), {
    logger: ['error'],
  });
  return {
    app,
    config,
    machine: app.get<OAuthSession>(getOAuthClientToken('machine')),
    people: app.get<OAuthSession>(getOAuthClientToken('people')),
    httpService: app.get(HttpService),
  };
}

/** Sets the contenders up for calls with a valid token; each has made one when this returns. */
export async function field(reach: Reach): Promise<Field> {
  const application = await bench(reach);
  const { config, httpService, machine, people } = application;
  const bare = axios.create(config);
  const again = axios.create(config);
  const person = people.for('user-1');
  await machine.setToken(LASTING);
  await person.setToken(LASTING);
  const { axiosRef, fetch: sessionFetch } = machine;
  const personsRef = person.axiosRef;
  const others = reach.libraries ? peers(reach.libraries, reach.baseURL, config) : [];
  for (const other of others) await other.give({ ...LASTING, refresh_token: 'none' }, 0);

  const contenders: Contender[] = [
    { name: 'axios', call: () => bare.get(PATH) },
    { name: AGAIN, call: () => again.get(PATH) },
    { name: 'session.axiosRef.get', call: () => axiosRef.get(PATH) },
    { name: 'session.for(…).axiosRef.get', call: () => personsRef.get(PATH) },
    { name: 'session.get', call: () => firstValueFrom(machine.get(PATH)) },
    { name: 'session.for(…).get', call: () => firstValueFrom(person.get(PATH)) },
    { name: 'HttpService.get', call: () => firstValueFrom(httpService.get(PATH)) },
  ];
  if (!reach.adapter && reach.libraries) {
    const init = { headers: { Authorization: AUTHORIZATION } };
    contenders.push(
      { name: 'session.fetch', every: 3, call: async () => answerOf(await sessionFetch(PATH)) },
      {
        name: 'fetch',
        every: 3,
        call: async () => answerOf(await fetch(reach.baseURL + PATH, init)),
      },
    );
  }
  // What is held against a target is measured more often than what it is compared with.
  contenders.push(...others.map((other) => ({ ...other, every: 3 })));
  for (const { call } of contenders) await call();
  return { ...application, contenders };
}

/** The row that shows how far the same thing is from itself. */
export const AGAIN = 'axios, once more (the noise)';

/** A user of the application, by the verb that most will call. */
export function sessionUser(people: OAuthSession, subject: string): TokenUser {
  const session = people.for(subject);
  return {
    name: 'session.for(…).get',
    give: async (tokens, ageSeconds) => {
      const now = Date.now() / 1000 - ageSeconds;
      await session.setToken(TokenSet.from({ ...tokens }, { now }));
    },
    call: () => firstValueFrom(session.get(PATH)),
  };
}

function benchModule(
  { baseURL, httpAgent, adapter }: Reach,
  config: AxiosRequestConfig,
  { refresh, store }: BenchOptions,
) {
  const client = {
    clientId: 'bench',
    clientSecret: 'secret',
    tokenEndpoint: `${baseURL}/token`,
    allowInsecureHttp: true,
    baseURL,
    ...(refresh && { refresh }),
    ...(httpAgent && { transport: { httpAgent } }),
    ...(adapter && { http: { adapter } }),
  };
  @Module({
    imports: [
      HttpModule.register(config),
      OAuthClientModule.forRoot({
        clients: {
          machine: { ...client, grant: 'client_credentials' },
          people: {
            ...client,
            grant: 'authorization_code',
            authorizationEndpoint: `${baseURL}/authorize`,
            redirectUri: `${baseURL}/callback`,
          },
        },
        ...(store && { store }),
      }),
    ],
  })
  class BenchModule {}
  return BenchModule;
}
