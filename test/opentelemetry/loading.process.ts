// Boots an application for each of its arguments, calls an API, and prints what was loaded of
// OpenTelemetry by then. An argument says what is registered in the process: nothing, or something
// that looks like an SDK.
import 'reflect-metadata';
import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { OAuthClientModule, OAuthClientRegistry } from '../../lib/index.js';
import { FakeAuthorizationServer } from '../../lib/testing/index.js';

type Mode = 'unregistered' | 'foreign' | 'off' | 'registered' | 'missing';
const modes = process.argv.slice(2) as Mode[];
const { port1, port2 } = new MessageChannel();
register('./loading.hooks.mjs', import.meta.url, {
  data: { port: port2, isMissing: modes.includes('missing') },
  transferList: [port2],
});

/** As another copy of the API would do it, so that whatever is loaded is loaded by us. */
function pretendToBe(mode: Mode): void {
  if (mode === 'unregistered') return;
  const version = mode === 'foreign' ? '2.0.0' : '1.9.0';
  const key = Symbol.for(`opentelemetry.js.api.${version[0]}`);
  const provider = { getTracer: () => undefined };
  Object.assign(globalThis, { [key]: { version, trace: provider } });
}

/** The statuses of two calls, each with a token of its own. */
async function use(server: FakeAuthorizationServer, mode: Mode): Promise<number[]> {
  const { tokenEndpoint, apiUrl: baseURL } = server;
  const client = { tokenEndpoint, baseURL, clientId: 'client', clientSecret: 'secret' };

  @Module({
    imports: [
      OAuthClientModule.forRoot({
        ...(mode === 'off' && { telemetry: false }),
        clients: { client: { ...client, grant: 'client_credentials', allowInsecureHttp: true } },
      }),
    ],
  })
  class AppModule {}

  const application = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const session = application.get(OAuthClientRegistry).get('client');
  const first = await firstValueFrom(session.get('/things'));
  await session.refreshToken();
  const second = await firstValueFrom(session.get('/things'));
  await application.close();
  return [first.status, second.status];
}

/** What was resolved since the last time. */
function resolved(): unknown[] {
  const message = receiveMessageOnPort(port1);
  return message ? [message.message, ...resolved()] : [];
}

const server = await FakeAuthorizationServer.start();
const results: Record<string, unknown> = {};
for (const mode of modes) {
  pretendToBe(mode);
  const statuses = await use(server, mode);
  const files = Object.keys(createRequire(import.meta.url).cache);
  const isCached = files.some((file) => file.includes('@opentelemetry'));
  results[mode] = { statuses, resolved: resolved(), isCached };
}
await server.stop();
port1.close();
process.stdout.write(JSON.stringify(results));
