import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import { parseUrl } from '../../protocol/url.js';
import type { WebRequest } from '../web.options.js';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
/** What a request line may name before the path; the header says which host it is. RFC 9112, 3.2.2. */
const HOST = /^https?:\/\/[^/?#]*/i;
/** What a form may hold: the answer of an authorization server is far smaller. */
const MAX_FORM_BYTES = 64 * 1024;

const forms = new WeakMap<WebRequest, Promise<URLSearchParams>>();

/** A request as the routes read it, by what Express and Fastify have in common. */
export class RequestView {
  readonly raw: WebRequest;
  readonly method: string;
  /** As the browser asked for it, the application's global prefix included. */
  readonly path: string;
  /** What follows the path, with its question mark. */
  readonly search: string;
  readonly query: URLSearchParams;

  constructor(raw: WebRequest) {
    this.raw = raw;
    this.method = String(raw['method']).toUpperCase();
    const address = String(raw['originalUrl'] ?? raw['url'] ?? '/').replace(HOST, '');
    const end = address.search(/[?#]/);
    this.path = end < 0 ? address : address.slice(0, end);
    this.search = end < 0 ? '' : address.slice(end).split('#', 1)[0]!;
    this.query = new URLSearchParams(this.search);
  }

  /** A header; several of a kind that may come once count as none. */
  header(name: string): string | undefined {
    const value = this.raw.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Where the request was sent to: what the platform makes of it, proxies included if it trusts them. */
  get origin(): string {
    const address = parseUrl(`${String(this.raw['protocol'])}://${String(this.raw['host'])}`);
    const isOrigin = address && /^https?:$/.test(address.protocol) && address.pathname === '/';
    if (isOrigin && address.username === '' && address.search + address.hash === '')
      return address.origin;
    throw new BadRequestException('The request does not say which host it is for.');
  }

  /** The fields of the form that was posted, in their order, repeats kept; read once. */
  form(): Promise<URLSearchParams> {
    const read = forms.get(this.raw) ?? this.#form();
    forms.set(this.raw, read);
    return read;
  }

  async #form(): Promise<URLSearchParams> {
    const body: unknown = this.raw['body'];
    if (typeof body === 'string') return new URLSearchParams(bounded(body));
    if (Buffer.isBuffer(body)) return new URLSearchParams(bounded(body.toString()));
    if (typeof body === 'object' && body !== null) return fieldsOf(body);
    return new URLSearchParams(await this.#unread());
  }

  /** The body where no parser has read it: the application has switched the one of Nest off. */
  async #unread(): Promise<string> {
    const stream: unknown = this.raw['raw'] ?? this.raw;
    if (!isUnread(stream)) return '';
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      length += chunk.length;
      if (length > MAX_FORM_BYTES) throw new PayloadTooLargeException();
    }
    return Buffer.concat(chunks).toString();
  }
}

/** Whether an address is on this machine: http is as good as https there. */
export function isLoopback(origin: string): boolean {
  return LOOPBACK.test(new URL(origin).hostname);
}

function bounded(text: string): string {
  if (text.length > MAX_FORM_BYTES) throw new PayloadTooLargeException();
  return text;
}

function fieldsOf(body: object): URLSearchParams {
  const fields = Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
    [value].flat().flatMap((one) => (typeof one === 'string' ? [[name, one]] : [])),
  );
  return new URLSearchParams(fields);
}

function isUnread(stream: unknown): stream is AsyncIterable<Uint8Array> {
  const { readable } = (stream ?? {}) as { readable?: unknown };
  return readable === true && Symbol.asyncIterator in (stream as object);
}
