import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { LookupAddressEntry } from 'axios';
import { onTestFinished } from 'vitest';

/** A request as it came to a {@link Host}. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: IncomingMessage['socket'];
  /** The common name in the client's certificate, where it has shown one. */
  readonly certificate: string | undefined;
}

/** A real HTTP server that writes down every request. */
export interface Host {
  readonly origin: string;
  readonly port: number;
  readonly requests: readonly Received[];
  /** How many connections were made, whatever came over them. */
  readonly connections: number;
}

type Answer = (request: Received, response: ServerResponse) => void;

const OK: Answer = (_request, response) => response.end('{}');

/** Starts a host on a free port of 127.0.0.1; it is stopped after the test. */
export async function startHost(answer: Answer = OK, tls?: ServerOptions): Promise<Host> {
  const requests: Received[] = [];
  let connections = 0;
  const server = tls ? createTlsServer(tls) : createServer();
  server.on('connection', () => (connections += 1));
  server.on('request', async (message: IncomingMessage, response: ServerResponse) => {
    const received: Received = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body: await textOf(message),
      socket: message.socket,
      certificate: commonName(message),
    };
    requests.push(received);
    answer(received, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
  };
}

function commonName({ socket }: IncomingMessage): string | undefined {
  const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
  return name && String(name);
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Transport options by which every name is this machine: a request that is sent does arrive. */
export const everywhereHere = {
  lookup: (
    _host: string,
    _options: object,
    answer: (error: Error | null, address: LookupAddressEntry) => void,
  ) => answer(null, { address: '127.0.0.1', family: 4 }),
};
