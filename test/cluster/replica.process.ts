// A process of its own: the application that a test has planned, and which it steers by messages.
import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { OAuthClientModule, OAuthClientRegistry, type OAuthSession } from '../../lib/index.js';
import type { Answers, Asked, Asks, ReplicaMessage } from '../support/cluster.messages.js';
import { openStore } from '../support/cluster.store.js';
import { Gates, gated } from './gates.js';

const gates = new Gates((at) => say({ at }));
let offsetMs = 0;
let application: INestApplicationContext;
let client: OAuthSession;

const ANSWERS: { [Name in keyof Asks]: (what: Asks[Name]) => Promise<Answers[Name]> } = {
  boot: async ({ name, store, ...server }) => {
    offsetMs = 0;
    application = await NestFactory.createApplicationContext(
      OAuthClientModule.forRoot({
        clients: {
          client: {
            clientId: 'client',
            clientSecret: 'secret',
            authorizationEndpoint: server.authorizationEndpoint,
            tokenEndpoint: server.tokenEndpoint,
            revocationEndpoint: server.revocationEndpoint,
            redirectUri: 'https://app.example/callback',
            baseURL: server.apiUrl,
            allowInsecureHttp: true,
          },
        },
        store: gated(openStore(store), gates),
        clock: { now: () => Date.now() + offsetMs },
      }),
      { logger: false },
    );
    client = application.get(OAuthClientRegistry).get('client');
    client.registerComplianceHook('refresh_token_request', async (request, { subject }) => {
      request.headers.set('x-replica', name);
      await gates.at('before the request', subject ?? '');
      return request;
    });
    return null;
  },
  connect: async ({ subject, token }) => {
    await client.for(subject).setToken({ ...token });
    return null;
  },
  advance: async (seconds) => {
    offsetMs += seconds * 1000;
    return null;
  },
  calls: async ({ subject, count }) => {
    const came: Record<string, number> = {};
    for (const one of await Promise.all(Array.from({ length: count }, () => call(subject)))) {
      came[one] = (came[one] ?? 0) + 1;
    }
    return came;
  },
  arm: async ({ step, subjects }) => {
    gates.arm(step, subjects);
    return null;
  },
  pass: async () => {
    gates.pass();
    return null;
  },
  close: async () => {
    await application.close();
    return null;
  },
};

async function call(subject: string): Promise<string> {
  try {
    const request = client.for(subject).get('/things', { validateStatus: () => true });
    return String((await firstValueFrom(request)).status);
  } catch (error) {
    const { name, reason, code } = error as { name?: string; reason?: string; code?: string };
    return [name, reason ?? code].join(' ');
  }
}

function say(message: ReplicaMessage): void {
  process.send?.(message);
}

process.on('message', ({ id, name, what }: Asked) => {
  const answer = ANSWERS[name] as (what: Asks[keyof Asks]) => Promise<unknown>;
  answer(what).then(
    (answered) => say({ id, answer: answered }),
    (error: unknown) => say({ id, failed: error instanceof Error ? error.stack! : 'unknown' }),
  );
});
process.once('disconnect', () => process.exit());
say({ ready: true });
