import type { OAuthClientError } from '../errors/oauth-client.error.js';
import { problemOf } from './problem.js';

/** A client of a gateway: a `WebSocket`, or a socket of socket.io. */
interface Socket {
  readonly readyState?: unknown;
  send?(text: string): void;
  emit?(event: string, data: object): void;
}

/** Tells the client of a gateway, in the shape in which Nest tells it of other exceptions. */
export function tellSocket(client: Socket, error: OAuthClientError): void {
  const { title, detail } = problemOf(error);
  const data = { status: 'error', code: error.code, message: `${title}. ${detail}` };
  if (typeof client.readyState === 'number') {
    client.send?.(JSON.stringify({ event: 'exception', data }));
  } else {
    client.emit?.('exception', data);
  }
}
