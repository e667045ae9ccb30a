import type { ServerResponse } from 'node:http';
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
 * answers; a path is one below `baseURL`, or a whole address, and `*` at its end stands for the rest.
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

  constructor(reply: OAuthTestReply) {
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

const ROUTE = /^(?:([A-Z]+) )?(\/\S*|https?:\/\/\S+)$/;

function isRoutes(reply: unknown): reply is OAuthTestRoutes {
  if (!isRecord(reply)) return false;
  const keys = Object.keys(reply);
  return keys.length > 0 && keys.every((key) => ROUTE.test(key));
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
  return isStatus && Object.keys(value).every((key) => ['status', 'headers', 'data'].includes(key));
}

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
  return new Response(body, { status, headers: all });
}

/** Writes an answer to the wire. */
export async function write(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.end(Buffer.from(await answer.arrayBuffer()));
}
