// One replica: a process that main.ts starts, more than once. It says where it listens.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { HOST } from '../shared/listen.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, HOST);
process.send?.(await app.getUrl());
process.once('disconnect', () => void app.close());
