import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { startAcmeForThisSample } from './acme.js';

// A real application finds its key file through the environment; here, it has yet to be made.
const acme = await startAcmeForThisSample();
Object.assign(process.env, acme.settings);

try {
  const { AppModule } = await import('./app.module.js');
  const { AppointmentsService } = await import('./appointments.service.js');
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const appointments = app.get(AppointmentsService);

  await call('The first call for user@corp signs an assertion.', 'user@corp');
  await call('The next one has a token.', 'user@corp');
  await call('Another person is another sub, and another token.', 'boss@corp');
  acme.endAccessTokens();
  await call('The token is void: a new assertion brings a new one.', 'user@corp');

  await app.close();

  async function call(title: string, person: string): Promise<void> {
    print(title);
    const answer = await firstValueFrom(appointments.of(person));
    const assertions = acme.newClaims();
    if (assertions.length === 0) print('  Acme saw no assertion');
    for (const claims of assertions) print(`  Acme saw ${claims.join('\n           ')}`);
    print(`  The API gave the ${answer}`);
  }
} finally {
  await acme.close();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
