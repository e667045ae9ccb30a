import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy, and what it saw. */
export interface Proxy {
  readonly port: number;
  readonly asked: string[];
  readonly credentials: Set<string>;
}

/** A proxy that wants to know who asks, and writes down what it is asked. */
export async function startProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const credentials = new Set<string>();
  const sockets = new Set<Socket>();
  const note = (what: string, authorization: string | undefined) => {
    asked.push(what);
    credentials.add(authorization ?? '');
  };
  const proxy = createServer((incoming, response) => {
    note(`${incoming.method} ${incoming.url}`, incoming.headers['proxy-authorization']);
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const options = { method: incoming.method, headers };
    const onward = request(incoming.url!, options, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  proxy.on('connect', ({ url, headers }, socket: Socket) => {
    note(`CONNECT ${url}`, headers['proxy-authorization']);
    const [host, port] = url!.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) sockets.add(end.on('error', () => undefined));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(async () => {
    const closed = once(proxy, 'close');
    proxy.close();
    proxy.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return { port: (proxy.address() as AddressInfo).port, asked, credentials };
}
