import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import {
  AuthorizationRequiredError,
  getOAuthClientToken,
  TokenSet,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { startOddAcme } from './odd-acme.js';
import { chapter, say } from './say.js';

// A real application finds its settings in the environment; here, Acme has yet to be started.
const acme = await startOddAcme();
Object.assign(process.env, acme.settings);

const { AppModule } = await import('./app.module.js');
const { OrdersService } = await import('./orders.service.js');
const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] }); // the story tells itself
const session = app.get<OAuthSession>(getOAuthClientToken('acme'));

chapter('Ada connects her account.');
await connect('ada');

chapter('The first call.');
await order('tea');

chapter('Ten minutes later: the token has expired, the next call renews it.');
await expire('ada');
await order('milk');

chapter(
  'Ada ends the agreement at Acme: the renewal is refused, and the fix knows what that means.',
);
acme.endAgreement('ada');
await order('sugar');

await app.close();
await acme.close();

/** What a web application does in two routes, and a browser in between (see sample 02). */
async function connect(person: string): Promise<void> {
  const binding = 'the id of the session of the browser';
  const { url } = await session.for(person).authorizationUrl({ binding });
  const { headers } = await fetch(url, { redirect: 'manual' });
  await session.completeAuthorization({ authorizationResponse: headers.get('location')!, binding });
}

async function order(article: string): Promise<void> {
  try {
    say('Ada', await firstValueFrom(app.get(OrdersService).place('ada', article)));
  } catch (error) {
    if (!(error instanceof AuthorizationRequiredError)) throw error;
    say(error.name, `${error.reason}: Ada has to connect again`);
  }
}

/** Puts the token's end into the past, as if its ten minutes had gone by. */
async function expire(person: string): Promise<void> {
  const token = (await session.for(person).token())!;
  const expiresAt = Math.floor(Date.now() / 1000) - 1;
  await session.for(person).setToken(TokenSet.from({ ...token.toRecord(), expiresAt }));
}
