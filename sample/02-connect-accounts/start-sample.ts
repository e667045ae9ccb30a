import { randomBytes } from 'node:crypto';
import type { INestApplication, LoggerService, LogLevel } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { startAcme, type AcmeCounters } from '../acme/acme.js';
import { HOST, reserve } from '../shared/listen.js';
import { registration } from './acme.registration.js';
import { AppModule } from './app.module.js';

export interface SampleOptions {
  /** Where to listen; a taken port: the next free one; 0: any. Default 4000, 4001, 4002. */
  ports?: { application?: number; authorizationServer?: number; api?: number };
  /** How long Acme's access tokens live. Default 60. */
  accessTokenSeconds?: number;
  log?: LoggerService | LogLevel[] | false;
  /** The platform to run on. Default Express. */
  adapter?: AbstractHttpAdapter;
}

export interface Sample {
  app: INestApplication;
  addresses: { application: string; authorizationServer: string; api: string };
  /** What Acme's servers counted. */
  counters(): AcmeCounters;
  close(): Promise<void>;
}

/** Starts Acme and the application that connects to it. */
export async function startSample({
  ports = {},
  accessTokenSeconds,
  log = ['error', 'warn', 'fatal'],
  adapter = new ExpressAdapter(),
}: SampleOptions = {}): Promise<Sample> {
  // Acme must know the application's address before the application runs, as in real life.
  const reservation = await reserve(ports.application ?? 4000);
  const origin = reservation.address;
  const secrets = { 'acme-files': secret(), 'acme-mail': secret(), 'acme-billing': secret() };
  const clients = registration({ origin, secrets });
  const acme = await startAcme({ clients, ports, accessTokenSeconds });

  const app = await NestFactory.create(
    AppModule.with({ origin, issuer: acme.issuer, apiUrl: acme.apiUrl, secrets }),
    adapter,
    { logger: log, abortOnError: false, forceCloseConnections: true }, // event streams never end by themselves
  );
  await reservation.release();
  await app.listen(new URL(origin).port, HOST);

  return {
    app,
    addresses: { application: origin, authorizationServer: acme.issuer, api: acme.apiUrl },
    counters: () => acme.counters(),
    close: async () => {
      await app.close();
      await acme.close();
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
