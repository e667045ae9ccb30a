import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

export const HOST = '127.0.0.1';
const ATTEMPTS = 50;

/** Listens on the port, or on the next free one; 0 takes any. Answers the server's address. */
export async function listen(server: Server, port: number): Promise<string> {
  for (let candidate = port; ; candidate++) {
    try {
      server.listen(candidate, HOST);
      await once(server, 'listening');
      return `http://${HOST}:${(server.address() as AddressInfo).port}`;
    } catch (error) {
      if (!isTaken(error) || candidate === port + ATTEMPTS) throw error;
    }
  }
}

export interface Reservation {
  address: string;
  /** Lets go of the port: to be called right before it is taken. */
  release(): Promise<void>;
}

/** Keeps a port, as `listen` does, for a server whose address must be known before it runs. */
export async function reserve(port: number): Promise<Reservation> {
  const server = createServer();
  return { address: await listen(server, port), release: () => close(server) };
}

/** Stops listening and ends what is still open, such as an event stream. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
