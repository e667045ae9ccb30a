import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { default as Provider } from 'oidc-provider';
import { close, listen } from '../shared/listen.js';
import { resources } from './resources.js';
import { Tally, type Counts } from './tally.js';

export interface ProtectedApi {
  url: string;
  /** Answers: path → status → how many. */
  answers(): Counts;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: object;
  challenge?: string;
}

/** Acme's API: it answers to a valid access token with the right scope (RFC 6750). */
export async function startProtectedApi(port: number, provider: Provider): Promise<ProtectedApi> {
  const counted = new Tally();
  const server = createServer((request, response) => void respond(request, response));
  const url = await listen(server, port);
  return { url, answers: () => counted.toJSON(), close: () => close(server) };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://api');
    response.setHeader('Content-Type', 'application/json');
    if (pathname === '/counters') {
      response.end(JSON.stringify(counted));
      return;
    }
    const { status, body, challenge } = await answer(provider, request, pathname).catch(failed);
    counted.add(pathname, String(status));
    if (challenge) response.setHeader('WWW-Authenticate', challenge);
    response.writeHead(status).end(JSON.stringify(body));
  }
}

async function answer(provider: Provider, request: IncomingMessage, path: string): Promise<Answer> {
  const resource = resources[path];
  if (!resource) return { status: 404, body: { error: 'There is nothing here.' } };

  const presented = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!presented) return refused(401, 'An access token is needed.');

  const user = await provider.AccessToken.find(presented);
  const token = user ?? (await provider.ClientCredentials.find(presented));
  if (!token?.isValid)
    return refused(401, 'The access token is unknown or expired.', 'invalid_token');
  if (!token.scopes.has(resource.scope)) {
    return refused(403, `The scope ${resource.scope} is needed.`, 'insufficient_scope');
  }
  return { status: 200, body: resource.content(user?.accountId ?? String(token.clientId)) };
}

function refused(status: number, reason: string, error?: string): Answer {
  const challenge = error
    ? `Bearer realm="acme", error="${error}", error_description="${reason}"`
    : 'Bearer realm="acme"';
  return { status, body: { error: reason }, challenge };
}

function failed(error: unknown): Answer {
  console.error('protected API:', error);
  return { status: 500, body: { error: 'The API failed.' } };
}
