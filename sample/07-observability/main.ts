import 'reflect-metadata';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { HOST } from '../shared/listen.js';
import { startAcmeForThisSample } from './acme.js';
import { traces } from './instrumentation.js'; // before the application is loaded
import { chapter } from './print.js';
import { tellStory } from './story.js';

/** `--serve`: stay afterwards, for a look at it with curl. */
const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false } } });

const acme = await startAcmeForThisSample();
Object.assign(process.env, acme.settings);
try {
  const { AppModule } = await import('./app.module.js');
  // Each event is a log line, too: not here, where EventPrinter prints them without their times.
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(values.serve ? 4070 : 0, HOST);
  await tellStory(app, acme);
  if (values.serve) await serve(await app.getUrl());
  await app.close();
} finally {
  await acme.close();
}

async function serve(origin: string): Promise<void> {
  chapter(`\ncurl ${origin}/health, /invoices or /files. Ctrl-C stops everything.`);
  chapter('Enter takes the billing server down, and brings it back.');
  let isDown = false;
  process.stdin.on('data', () => {
    isDown = !isDown;
    if (isDown) acme.billingGoesDown();
    else acme.billingComesBack();
    chapter(`The billing server is ${isDown ? 'down' : 'back'}.`);
  });
  const printing = setInterval(() => traces.print(), 1000);
  await once(process, 'SIGINT');
  clearInterval(printing);
  process.stdin.destroy();
}
