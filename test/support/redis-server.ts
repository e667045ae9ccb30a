import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const path = process.env['REDIS_SERVER_PATH'] ?? '/usr/bin/redis-server';
const cli = path.replace(/redis-server$/, 'redis-cli');
const remedy = `redis-server is missing at ${path}: apt-get install -y redis-server, or set REDIS_SERVER_PATH`;

/**
 * Whether tests with a real Redis are left out: only where there is none, and never in CI, where
 * its absence is a failure.
 */
export const withoutRedis = !existsSync(path) && !process.env['CI'];

/** For a suite's name, which thus says why it was left out, and what to do. */
export const redisRemark = withoutRedis ? ` (LEFT OUT. ${remedy})` : '';

/** A real redis-server on 127.0.0.1 that keeps nothing on disk. */
export class RealRedis {
  #child: ChildProcess;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: readonly string[],
    child: ChildProcess,
  ) {
    this.#child = child;
  }

  /** Starts one on a free port. @param options - As on its command line. */
  static async start(...options: string[]): Promise<RealRedis> {
    if (!existsSync(path)) throw new Error(remedy);
    const folder = await mkdtemp(join(tmpdir(), 'redis-'));
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      try {
        return new RealRedis(port, folder, options, await launch(port, folder, options));
      } catch (error) {
        // Somebody else was given the same port meanwhile.
        if (attempt === 5) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Runs a command by `redis-cli`. */
  async command(...args: string[]): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(cli, ['-p', String(this.port), ...args]);
    if (stderr) throw new Error(stderr);
    return stdout.trim();
  }

  /** Sends a signal to it, such as `SIGSTOP`. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Kills it, at once. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Starts it again at the same port, empty. */
  async again(): Promise<void> {
    this.#child = await launch(this.port, this.folder, this.options);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What clients send while work is done; not what scripts do in the server. */
  async sent(work: () => Promise<unknown>): Promise<string[]> {
    const monitor = spawn(cli, ['-p', String(this.port), 'monitor'], { stdio: 'pipe' });
    const lines = createInterface(monitor.stdout);
    const commands: string[] = [];
    const ended = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        const command = /^\S+ \[\d+ (?!lua)[^\]]+\] (.*)$/.exec(line)?.[1];
        if (command?.includes('end of what is watched')) resolve();
        else if (command) commands.push(command);
      });
    });
    await once(lines, 'line');
    await work();
    await this.command('ECHO', 'end of what is watched');
    await ended;
    monitor.kill();
    // What drivers say for themselves when they connect.
    const handshake = /^"(hello|client|command|info|ping|quit)"/i;
    return commands.filter((command) => !handshake.test(command));
  }
}

/** A real cluster of three masters. */
export class RealRedisCluster {
  private constructor(readonly nodes: readonly RealRedis[]) {}

  static async start(): Promise<RealRedisCluster> {
    const nodes: RealRedis[] = [];
    const buses: string[] = [];
    for (const index of [0, 1, 2]) {
      buses[index] = String(await freePort());
      nodes[index] = await RealRedis.start(
        ...['--cluster-enabled', 'yes', '--cluster-port', buses[index]],
        ...['--cluster-node-timeout', '5000'],
      );
    }
    const slots = [
      ['0', '5460'],
      ['5461', '10922'],
      ['10923', '16383'],
    ] as const;
    for (const [index, node] of nodes.entries()) {
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await node.command('CLUSTER', 'ADDSLOTSRANGE', ...slots[index]!);
      if (index > 0) {
        const first = nodes[0]!.port;
        await node.command('CLUSTER', 'MEET', '127.0.0.1', String(first), buses[0]!);
      }
    }
    for (const node of nodes) {
      for (;;) {
        const info = await node.command('CLUSTER', 'INFO');
        if (/cluster_state:ok[^]*cluster_size:3/.test(info)) break;
      }
    }
    return new RealRedisCluster(nodes);
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
  }
}

async function launch(
  port: number,
  folder: string,
  options: readonly string[],
): Promise<ChildProcess> {
  const child = spawn(
    path,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no', ...options],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      output.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`redis-server ended:\n${output.join('\n')}`)));
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
