import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { startAcmeForThisSample } from './acme.js';

// A real application finds its settings in the environment; here, Acme has yet to be started.
const acme = await startAcmeForThisSample();
Object.assign(process.env, acme.settings);

const { AppModule } = await import('./app.module.js');
const { InvoicesService } = await import('./invoices.service.js');
const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });

const invoices = await firstValueFrom(app.get(InvoicesService).list());
process.stdout.write(`Acme's invoices: ${invoices.join(', ')}\n`);

await app.close();
await acme.close();
