import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import { OAuthClientRegistry } from 'nestjs-oauth-client';
import type { Acme } from './acme.js';
import { meterProvider, traces } from './instrumentation.js';
import { chapter, counted, print } from './print.js';
import { healthLines, statusTable } from './report.js';

/** Calls the application as its users do, and shows what it tells of itself. */
export async function tellStory(app: INestApplication, acme: Acme): Promise<void> {
  const origin = await app.getUrl();
  const registry = app.get(OAuthClientRegistry);

  chapter('Ada connects her account, and calls.');
  const files = registry.get('files');
  const { url } = await files.for('ada').authorizationUrl({ binding: 'her browser' });
  const authorizationResponse = await acme.consent(url, 'ada');
  await files.completeAuthorization({ authorizationResponse, binding: 'her browser' });
  await call('/files');

  chapter('A call for the application itself needs its first token.');
  await call('/invoices');
  await health();

  chapter("Ada's token is void, and eight calls come at once: they share one renewal.");
  await Promise.all([acme.endFilesTokens(8), call('/files', 8)]);

  chapter('The billing server goes down: two calls ask it in vain, the third one leaves it alone.');
  acme.billingGoesDown();
  for (let calls = 0; calls < 3; calls++) await call('/invoices');
  await health();
  print('status', statusTable(await registry.status()));

  chapter('It comes back: once its rest is over, the next call finds out.');
  acme.billingComesBack();
  await billingRested();
  await call('/invoices');
  await health();

  chapter('What was counted in all; of durations, how many were measured.');
  await meterProvider.forceFlush();

  async function call(path: string, times = 1): Promise<void> {
    const calls = Array.from({ length: times }, () => fetch(`${origin}${path}`));
    const answers = (await Promise.all(calls)).map(({ status }) => `GET ${path}: ${status}`);
    for (const answer of counted(answers)) print('answer', answer);
    traces.print();
  }

  /** Until its token endpoint may be asked again. */
  async function billingRested(): Promise<void> {
    const [billing] = await registry.status({ clients: ['billing'], grants: false });
    await sleep((billing?.cooldown?.until ?? 0) - Date.now() + 1);
  }

  async function health(): Promise<void> {
    const answer = await fetch(`${origin}/health`);
    print('health', healthLines(answer.status, (await answer.json()) as HealthCheckResult));
  }
}
