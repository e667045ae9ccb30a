import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { randomBytes } from 'node:crypto';
import { close, listen } from '../shared/listen.js';
import { Orders } from './odd-acme.orders.js';
import { TokenEndpoint } from './odd-acme.token-endpoint.js';

/** Acme as it was before the standard: it has codes, tokens and renewals, each in its own manner. */
export async function startOddAcme() {
  const settings = {
    ACME_ID: 'sample-03',
    ACME_SECRET: randomBytes(32).toString('base64url'),
    ACME_SIGNING_KEY: randomBytes(32).toString('base64url'),
  };
  const tokens = new TokenEndpoint(settings.ACME_ID, settings.ACME_SECRET);
  const orders = new Orders(settings.ACME_SIGNING_KEY, (token) => tokens.person(token));
  const server = createServer((request, response) => void respond(request, response));
  const url = await listen(server, 0);

  return {
    settings: { ...settings, ACME_URL: url },
    /** The person ends the agreement on Acme's own pages: all their tokens are void. */
    endAgreement: (person: string) => tokens.forget(person),
    close: () => close(server),
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const body = await text(request);
    if (pathname === '/authorize') {
      // Acme knows only Ada, and Ada says yes.
      const callback = new URL(searchParams.get('redirect_uri') ?? url);
      callback.searchParams.set('code', tokens.newCode('ada'));
      callback.searchParams.set('state', searchParams.get('state') ?? '');
      response.writeHead(302, { Location: callback.href }).end();
    } else if (pathname === '/token') {
      const answer = tokens.answer(request.headers, new URLSearchParams(body));
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(answer);
    } else {
      const { status, answer } = orders.answer(request, body);
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(answer));
    }
  }
}
