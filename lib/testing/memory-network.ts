import { Agent as HttpAgent, createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { duplexPair, type Duplex } from 'node:stream';

/** Answers a request that arrived at this origin. */
export type MemoryHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
) => void;

/** What a client connects through, in place of the network. */
export interface MemoryAgents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/**
 * Agents whose connections end in this process: real HTTP, both sides of it, and no socket, no name
 * resolution and no TLS. Whatever host is asked for, the handler answers.
 */
export function memoryAgents(handle: MemoryHandler): MemoryAgents {
  return {
    httpAgent: new MemoryHttpAgent(connector('http', handle)),
    httpsAgent: new MemoryHttpsAgent(connector('https', handle)),
  };
}

type Connect = () => Duplex;

class MemoryHttpAgent extends HttpAgent {
  constructor(private readonly connect: Connect) {
    super();
  }

  override createConnection(): Duplex {
    return this.connect();
  }
}

class MemoryHttpsAgent extends HttpsAgent {
  constructor(private readonly connect: Connect) {
    super();
  }

  override createConnection(): Duplex {
    return this.connect();
  }
}

function connector(protocol: 'http' | 'https', handle: MemoryHandler): Connect {
  const server = createServer((request, response) => {
    handle(request, response, `${protocol}://${request.headers.host ?? 'unknown.test'}`);
  });
  return () => {
    const [near, far] = duplexPair();
    breakTogether(near, far);
    breakTogether(far, near);
    server.emit('connection', asSocket(far));
    return asSocket(near);
  };
}

/** A side that goes before it has said all takes the other one along, as a broken connection does. */
function breakTogether(side: Duplex, other: Duplex): void {
  side.once('close', () => {
    if (!side.writableFinished) other.destroy();
  });
}

/** What Node's HTTP asks of a socket besides reading and writing. */
function asSocket(stream: Duplex): Duplex {
  let timer: NodeJS.Timeout | undefined;
  const same = () => stream;
  stream.once('close', () => clearTimeout(timer));
  return Object.assign(stream, {
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
    setTimeout: (ms: number, listener?: () => void) => {
      clearTimeout(timer);
      if (listener) stream.once('timeout', listener);
      if (ms > 0) timer = setTimeout(() => stream.emit('timeout'), ms).unref();
      return stream;
    },
  });
}
