import type { Agent } from 'node:http';
import { HttpModule, HttpService } from '@nestjs/axios';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { getOAuthClientToken, OAuthClientModule, type OAuthSession } from 'nestjs-oauth-client';
import { firstValueFrom, Observable } from 'rxjs';
import { AUTHORIZATION, PATH, TOKEN } from './resource.js';
import type { Contender } from './rounds.js';

/** How the contenders reach the API, the same for all. */
export interface Reach {
  readonly baseURL: string;
  readonly httpAgent?: Agent;
  readonly adapter?: AxiosAdapter;
}

/** The contenders, bare axios first, and the application that they live in. */
export interface Field {
  readonly app: INestApplicationContext;
  readonly contenders: readonly Contender[];
  /** The session of the client that acts for users. */
  readonly people: OAuthSession;
}

/** Sets the contenders up; each has made a first call when this returns. */
export async function field(reach: Reach): Promise<Field> {
  // As a hand-written client would: the token is a fixed header. Sessions judge redirects
  // themselves and keep follow-redirects out of the way; the others are compared without it, too.
  const config: AxiosRequestConfig = {
    ...reach,
    headers: { Authorization: AUTHORIZATION },
    maxRedirects: 0,
  };
  const app = await NestFactory.createApplicationContext(benchModule(reach, config), {
    logger: ['error'],
  });
  const bare = axios.create(config);
  const again = axios.create(config);
  const following = axios.create({ ...config, maxRedirects: 5 });
  const httpService = app.get(HttpService);
  const machine = app.get<OAuthSession>(getOAuthClientToken('machine'));
  const people = app.get<OAuthSession>(getOAuthClientToken('people'));
  const person = people.for('user-1');
  const token = { access_token: TOKEN, token_type: 'Bearer', expires_in: 86_400 };
  await machine.setToken(token);
  await person.setToken(token);
  const { axiosRef } = machine;
  const personsRef = person.axiosRef;

  const contenders: Contender[] = [
    { name: 'axios', call: () => bare.get(PATH) },
    { name: 'axios, once more (the noise)', call: () => again.get(PATH) },
    { name: 'axios, following redirects', call: () => following.get(PATH) },
    {
      name: 'axios in an Observable',
      call: () => firstValueFrom(observed(() => bare.get(PATH))),
    },
    { name: 'HttpService.get', call: () => firstValueFrom(httpService.get(PATH)) },
    { name: 'session.axiosRef.get', call: () => axiosRef.get(PATH) },
    { name: 'session.for(…).axiosRef.get', call: () => personsRef.get(PATH) },
    { name: 'session.get', call: () => firstValueFrom(machine.get(PATH)) },
    { name: 'session.for(…).get', call: () => firstValueFrom(person.get(PATH)) },
  ];
  for (const { call } of contenders) await call();
  return { app, contenders, people };
}

/** The least that a verb which answers an Observable can cost. */
function observed<T>(call: () => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    call().then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}

function benchModule({ baseURL, httpAgent, adapter }: Reach, config: AxiosRequestConfig) {
  const client = {
    clientId: 'bench',
    tokenEndpoint: `${baseURL}/token`,
    allowInsecureHttp: true,
    baseURL,
    ...(httpAgent && { transport: { httpAgent } }),
    ...(adapter && { http: { adapter } }),
  };
  @Module({
    imports: [
      HttpModule.register(config),
      OAuthClientModule.forRoot({
        clients: {
          machine: { ...client, clientSecret: 'secret', grant: 'client_credentials' },
          people: {
            ...client,
            grant: 'authorization_code',
            authorizationEndpoint: `${baseURL}/authorize`,
            redirectUri: `${baseURL}/callback`,
          },
        },
      }),
    ],
  })
  class BenchModule {}
  return BenchModule;
}
