import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const HOST = '127.0.0.1';

/** One HTTP listener on 127.0.0.1. */
export interface Listener {
  readonly origin: string;
  /** Closes all connections at once, also those with a request that hangs. */
  close(): Promise<void>;
}

/** Listens; every request goes to `handle` together with the origin it came to. */
export async function listen(
  port: number,
  tls: { key: string; cert: string } | undefined,
  handle: (req: IncomingMessage, res: ServerResponse, origin: string) => void,
): Promise<Listener> {
  const server: Server = tls ? createTlsServer(tls) : createServer();
  // A client's idle connection stays good for as long as any test takes.
  server.keepAliveTimeout = 600_000;
  server.listen(port, HOST);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const origin = `${tls ? 'https' : 'http'}://${HOST}:${bound}`;
  server.on('request', (req: IncomingMessage, res: ServerResponse) => handle(req, res, origin));
  return {
    origin,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The body of a request; undefined if the client left before its end. */
export async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of req) chunks.push(chunk as Buffer);
  } catch {
    // The client went away: there is nobody to answer, and nothing complete to record.
    return undefined;
  }
  return Buffer.concat(chunks);
}
