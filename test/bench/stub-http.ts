import { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import { AUTHORIZATION, BODY } from './resource.js';

const CHUNK = Buffer.from(BODY);

/**
 * Puts a transport that answers at once in the place of `http.request`, which axios' HTTP adapter
 * and follow-redirects look up at every call: all of axios runs, and no socket. Returns the way
 * back.
 */
export function stubHttp(): () => void {
  const { request } = http;
  const stub = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) =>
    new StubRequest(options, onResponse);
  Object.assign(http, { request: stub });
  return () => {
    Object.assign(http, { request });
  };
}

/** As much of a `ClientRequest` as axios and follow-redirects use. */
class StubRequest extends EventEmitter {
  readonly #status: number;
  readonly #onResponse: (response: IncomingMessage) => void;

  constructor(options: RequestOptions, onResponse: (response: IncomingMessage) => void) {
    super();
    const headers = options.headers as Readonly<Record<string, unknown>>;
    this.#status = headers['Authorization'] === AUTHORIZATION ? 200 : 401;
    this.#onResponse = onResponse;
  }

  setTimeout(): this {
    return this;
  }

  destroy(): this {
    return this;
  }

  end(): void {
    process.nextTick(() => {
      const response = Object.assign(new EventEmitter(), {
        statusCode: this.#status,
        statusMessage: '',
        headers: { 'content-type': 'application/json', 'content-length': String(CHUNK.length) },
        req: this,
      });
      this.#onResponse(response as unknown as IncomingMessage);
      response.emit('data', CHUNK);
      response.emit('end');
      this.emit('close');
    });
  }
}
