import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { PostgresServer } from '../support/postgres-server.js';

const [NOTIFICATION, READY] = ['A'.charCodeAt(0), 'Z'.charCodeAt(0)];

/**
 * A wire to Postgres that can go wrong: `drops` the notifications that come while a connection is
 * idle, as PgBouncer does in transaction mode, or everything that the server says, as a network
 * that has died.
 */
export class DeafProxy {
  drops: 'nothing' | 'notifications' | 'everything' = 'nothing';
  /** How many connections were made through it. */
  connections = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(readonly url: string) {}

  /** Starts one that is closed after the test. */
  static async start(to: PostgresServer): Promise<DeafProxy> {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const url = new URL(to.url);
    url.port = String((listener.address() as AddressInfo).port);
    const proxy = new DeafProxy(url.href);
    listener.on('connection', (client) => proxy.#connect(client, to.port));
    onTestFinished(() => {
      for (const socket of proxy.#sockets) socket.destroy();
      listener.close();
    });
    return proxy;
  }

  #connect(client: Socket, port: number): void {
    this.connections += 1;
    const server = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
    let isIdle = false;
    client.on('data', (chunk) => {
      isIdle = false;
      server.write(chunk);
    });
    let rest = Buffer.alloc(0);
    server.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      // A message is its type and the length of what follows the type.
      while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
        const length = rest.readUInt32BE(1) + 1;
        const message = rest.subarray(0, length);
        rest = rest.subarray(length);
        if (message[0] === READY) isIdle = true;
        if (!this.#isDropped(message[0]!, isIdle)) client.write(message);
      }
    });
  }

  #isDropped(type: number, isIdle: boolean): boolean {
    if (this.drops === 'notifications') return type === NOTIFICATION && isIdle;
    return this.drops === 'everything';
  }
}
