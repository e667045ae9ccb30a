import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { isRecord, type OAuthTestRequest } from './oauth-test-request.js';

/** An answer whose status or headers matter. */
export interface OAuthTestAnswer {
  /** The HTTP status. */
  status: number;
  /** Headers beside `Content-Type`, or in its place. */
  headers?: Readonly<Record<string, string>>;
  /** The body: text and bytes as they are, anything else as JSON. */
  data?: unknown;
}

/** Makes the answer to a request. What it throws is what the call fails with. */
export type OAuthTestReplyFunction = (request: OAuthTestRequest) => unknown;

/**
 * What the API answers: a value (JSON with status 200), `{ status, headers, data }`, a standard
 * `Response`, a function of the request, {@link inTurn} of these, or routes:
 * `{ 'GET /repos/:owner': …, '/health': … }`, each again one of these. The first route that matches
 * answers; a path is one below `baseURL`, or a whole address, without a query; `*` at its end stands
 * for the rest. `Response.error()` breaks the connection, as a network does.
 *
 * An object with a numeric `status` and nothing beside `headers` and `data` is an answer, not a
 * value, and one whose keys all are routes is routes: for a JSON body of that form write
 * `Response.json(…)`.
 */
export type OAuthTestReply =
  OAuthTestReplyFunction | OAuthTestRoutes | object | string | number | boolean | null | undefined;

/** Replies by route. */
export interface OAuthTestRoutes {
  /** A method and a path, or a path alone. */
  readonly [route: string]: OAuthTestReply;
}

class Turns {
  constructor(readonly replies: readonly OAuthTestReply[]) {}
}

/**
 * Answers one after the other; the last one goes on answering.
 *
 * @example
 * ```ts
 * reply: { 'GET /user': inTurn({ status: 503 }, { login: 'alice' }) }
 * ```
 */
export function inTurn(...replies: readonly OAuthTestReply[]): OAuthTestReply {
  return new Turns(replies);
}

/** What a client answers with: remembers where each `inTurn` stands. */
export class Replies {
  readonly #reply: OAuthTestReply;
  readonly #turns = new Map<Turns, number>();

  /** @throws Error for a reply that would answer something else than was meant. */
  constructor(reply: OAuthTestReply) {
    judge(reply);
    this.#reply = reply;
  }

  /** The answer to a request; nothing where nothing is set for it, or a function answers nothing. */
  async answer(request: OAuthTestRequest): Promise<{ isSet: boolean; response?: Response }> {
    const found = this.#find(this.#reply, request);
    const response = found && responseOf(await found());
    return { isSet: found !== undefined, ...(response && { response }) };
  }

  #find(reply: OAuthTestReply, request: OAuthTestRequest): (() => unknown) | undefined {
    if (reply instanceof Turns) {
      const turn = this.#turns.get(reply) ?? 0;
      this.#turns.set(reply, turn + 1);
      return this.#find(reply.replies[Math.min(turn, reply.replies.length - 1)], request);
    }
    if (typeof reply === 'function') return () => (reply as OAuthTestReplyFunction)(request);
    if (isRoutes(reply)) {
      for (const [route, own] of Object.entries(reply)) {
        const params = match(route, request);
        if (params) return this.#find(own, { ...request, params });
      }
      return undefined;
    }
    return reply === undefined ? undefined : () => reply;
  }
}

const ROUTE = /^(?:([A-Z]+) )?(\/[^\s?#]*|https?:\/\/[^\s?#]+)$/;
/** What is meant to be a route, whatever is wrong with it. */
const MEANT = /^\s*(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|QUERY)\s|\/|https?:\/\/\S+\?)/i;
const INNER_STAR = /\*(?!$)/;

function judge(reply: OAuthTestReply): void {
  if (reply instanceof Turns) reply.replies.forEach(judge);
  else if (isRoutes(reply)) Object.values(reply).forEach(judge);
  else isAnswer(reply);
}

function isRoutes(reply: unknown): reply is OAuthTestRoutes {
  if (!isRecord(reply)) return false;
  const keys = Object.keys(reply);
  const isRoute = (key: string) => ROUTE.test(key) && !INNER_STAR.test(key);
  const wrong = keys.some((key) => MEANT.test(key)) && keys.find((key) => !isRoute(key));
  if (typeof wrong === 'string') {
    throw new Error(
      `A reply has routes, and "${wrong}", which is none. Write a route as 'GET /path/:name', or as ` +
        `'/path/*': the method in capitals, no query; a JSON body of such names as Response.json(…).`,
    );
  }
  return keys.length > 0 && keys.every(isRoute);
}

/** What stands in place of the names of a route; `undefined` where it does not match. */
function match(route: string, request: OAuthTestRequest): Record<string, string> | undefined {
  const [, method, pattern = ''] = ROUTE.exec(route) ?? [];
  if (method !== undefined && method !== request.method) return undefined;
  const { origin, pathname } = new URL(request.url);
  const paths = pattern.startsWith('/') ? [request.path, pathname] : [`${origin}${pathname}`];
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\/:(\w+)/g, '/(?<$1>[^/]+)')
    .replace(/\*$/, '.*');
  const regex = new RegExp(`^${source}$`);
  for (const path of paths) {
    const found = regex.exec(path);
    if (found) return decoded(found.groups ?? {});
  }
  return undefined;
}

function decoded(groups: Record<string, string>): Record<string, string> {
  const entries = Object.entries(groups);
  return Object.fromEntries(entries.map(([name, value]) => [name, decodeURIComponent(value)]));
}

function isAnswer(value: unknown): value is OAuthTestAnswer {
  if (!isRecord(value)) return false;
  const { status } = value;
  const isStatus = Number.isInteger(status) && Number(status) >= 200 && Number(status) < 600;
  const others = Object.keys(value).filter((key) => !['status', 'headers', 'data'].includes(key));
  if (isStatus && others.length > 0 && others.every((key) => MISTAKEN.includes(key))) {
    throw new Error(
      `An answer of a reply is { status, headers, data }, and this one has ${others.join(', ')}. ` +
        `Write data for its body; a JSON body of such names as Response.json(…).`,
    );
  }
  return isStatus && others.length === 0;
}

/** What other tools call the parts of an answer. */
const MISTAKEN = ['body', 'json', 'statusText'];

function responseOf(value: unknown): Response | undefined {
  // Again and again the same one may be answered, and a body is read once.
  if (value instanceof Response) return value.clone();
  if (value === undefined) return undefined;
  const {
    status,
    headers = {},
    data,
  }: OAuthTestAnswer = isAnswer(value) ? value : { status: 200, data: value };
  const isRaw = typeof data === 'string' || data instanceof Uint8Array;
  const type = data instanceof Uint8Array ? 'application/octet-stream' : 'text/plain';
  const all = new Headers({ 'content-type': isRaw ? type : 'application/json' });
  for (const [name, one] of Object.entries(headers)) all.set(name, one);
  const hasBody = data !== undefined && ![204, 205, 304].includes(status);
  if (!hasBody) return new Response(null, { status, headers });
  const body = isRaw ? (data as BodyInit) : JSON.stringify(data);
  if (!all.has('content-length')) {
    all.set('content-length', String(Buffer.byteLength(body as string | Uint8Array)));
  }
  return new Response(body, { status, headers: all });
}

/** Writes an answer to the wire, as it comes. */
export async function write(answer: Response, response: ServerResponse): Promise<void> {
  if (answer.type === 'error') {
    response.destroy();
    return;
  }
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  if (!answer.body) {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.fromWeb(answer.body as NodeReadableStream), response);
  } catch (error) {
    // Whoever asked may leave before the end.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
