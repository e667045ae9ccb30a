import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Grants } from './server.grants.js';
import { BODY, TOKEN_DELAY_MS } from './resource.js';
import type { Answer, Ask } from './server.messages.js';

// The API and its token endpoint, in a process of their own so that their work is nobody's.
const grants = new Grants();
/** Milliseconds over which refusals are spread: the first at once, each a little later. */
let spreadMs = 0;
let refused = 0;
const SPREAD_OVER = 100;
const LENGTH = Buffer.byteLength(BODY);
const JSON_TYPE = { 'content-type': 'application/json' };

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/token') void token(request, response);
  else resource(request, response);
});

function resource({ headers }: IncomingMessage, response: ServerResponse): void {
  if (grants.admits(headers.authorization)) {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': LENGTH });
    response.end(BODY);
    return;
  }
  const refuse = () => {
    const challenge = 'Bearer error="invalid_token"';
    response.writeHead(401, { ...JSON_TYPE, 'www-authenticate': challenge });
    response.end('{}');
  };
  if (spreadMs === 0) return refuse();
  setTimeout(refuse, (spreadMs * (refused % SPREAD_OVER)) / SPREAD_OVER);
  refused += 1;
}

async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
  const answer = grants.answer(new URLSearchParams(body));
  setTimeout(() => {
    response.writeHead('error' in answer ? 400 : 200, JSON_TYPE);
    response.end(JSON.stringify(answer));
  }, TOKEN_DELAY_MS);
}

function answer(ask: Ask): Answer {
  switch (ask.name) {
    case 'issue':
      return grants.issue(ask.count);
    case 'endAccess':
      return grants.endAccess();
    case 'lifetime':
      grants.lifetimeSeconds = ask.seconds;
      return null;
    case 'spread':
      spreadMs = ask.milliseconds;
      refused = 0;
      return null;
    case 'counts':
      return grants.counts();
  }
}

process.on('message', ({ id, ask }: { id: number; ask: Ask }) =>
  process.send?.({ id, answer: answer(ask) }),
);
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 10_000 }, () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
process.once('disconnect', () => process.exit());
