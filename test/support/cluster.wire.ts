import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What of the bytes on a wire is kept back. */
export type WireDirection = 'requests' | 'replies';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A wire from one process to one server on this machine, which can be cut, or hold bytes back. */
export class Wire {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  readonly #waiting = new Set<() => void>();
  #isCut = false;
  #holds: WireDirection | undefined;
  #held: (() => void)[] = [];
  #seen = '';

  private constructor(listener: Server, to: number) {
    this.#listener = listener;
    listener.on('connection', (client) => this.#join(client, to));
  }

  /** A wire to a port. */
  static async to(port: number): Promise<Wire> {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Wire(listener, port);
  }

  /** An address that leads through this wire to where it led before. */
  through(address: string): string {
    const url = new URL(address);
    url.port = String((this.#listener.address() as AddressInfo).port);
    return url.href;
  }

  /** Ends all connections, with what is held back, and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    this.#end();
  }

  /** Lets new connections in. */
  restore(): void {
    this.#isCut = false;
  }

  /** From now on keeps the bytes of one direction back. */
  hold(direction: WireDirection): void {
    this.#holds = direction;
    this.#seen = '';
  }

  /** Lets everything through, in order. */
  flow(): void {
    this.#holds = undefined;
    for (const write of this.#held.splice(0)) write();
  }

  /** Resolves when a text has come in among the requests since {@link hold}. */
  async saw(text: string): Promise<void> {
    while (!this.#seen.includes(text)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cut();
    await closed;
  }

  #end(): void {
    this.#holds = undefined;
    this.#held = [];
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  #join(client: Socket, to: number): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const pair = { client, server: connect(to, '127.0.0.1') };
    this.#pairs.add(pair);
    for (const [from, other, direction] of [
      [client, pair.server, 'requests'],
      [pair.server, client, 'replies'],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (bytes) => this.#pass(bytes, other, direction));
      from.on('error', () => other.destroy());
      from.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  #pass(bytes: Buffer, to: Socket, direction: WireDirection): void {
    if (this.#holds && direction === 'requests') {
      this.#seen += bytes.toString('latin1');
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    }
    if (this.#holds === direction) this.#held.push(() => void to.write(bytes));
    else to.write(bytes);
  }
}
