import { once } from 'node:events';
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as immediate } from 'node:timers/promises';
import { arrivalNotes, received } from './fake-authorization-server.arrival.js';
import type { FakeServerContext } from './fake-authorization-server.context.js';
import { performed } from './fake-authorization-server.act.js';
import { route, type Route } from './fake-authorization-server.endpoints.js';
import { FakeProtocolError } from './fake-authorization-server.http.js';
import type { FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournal, FakeJournalDraft } from './fake-authorization-server.journal.js';
import { readBody } from './fake-authorization-server.listener.js';
import type { ScriptBook } from './fake-authorization-server.script-book.js';
import { DROP, isResponse, type Answer } from './fake-authorization-server.script.js';

/** Takes requests from arrival through their script and their endpoint to the answer. */
export class Responder {
  readonly #stopped = new AbortController();
  readonly #active = new Set<Promise<void>>();

  constructor(
    private readonly context: FakeServerContext,
    private readonly journal: FakeJournal,
    private readonly scripts: ScriptBook,
  ) {
    setMaxListeners(0, this.#stopped.signal); // one for each request that hangs
  }

  /** Serves one request. */
  accept(req: IncomingMessage, res: ServerResponse, origin: string): void {
    const served: Promise<void> = this.#serve(req, res, origin)
      .catch((error: unknown) => {
        // A script's own function threw, or this server is wrong: the client must not hang.
        if (res.headersSent) req.socket.destroy();
        else res.writeHead(500).end(`The fake server failed: ${String(error)}`);
      })
      .finally(() => this.#active.delete(served));
    this.#active.add(served);
  }

  /** Resolves when no request is being served. */
  async idle(): Promise<void> {
    while (this.#active.size > 0) await Promise.all(this.#active);
  }

  /** Ends what hangs; nothing is processed any more. */
  stop(): void {
    this.#stopped.abort();
  }

  #route(origin: string, method: string, path: string): Route {
    const { act } = this.context;
    const { name, handle } = route(origin, method, act?.paths?.[path] ?? path, this.context);
    return { name, handle: act ? performed(name, handle, act) : handle };
  }

  async #serve(req: IncomingMessage, res: ServerResponse, origin: string): Promise<void> {
    const rawBody = await readBody(req);
    if (rawBody === undefined || this.#stopped.signal.aborted) return;
    const target = `${origin}${req.url ?? '/'}`;
    if (!URL.canParse(target)) {
      res.writeHead(400).end();
      return;
    }
    const url = new URL(target);
    const { name, handle } = this.#route(origin, req.method ?? 'GET', url.pathname);
    const arrival = received(req, rawBody, url, name);
    const [request, entry] = this.journal.append(this.context.clock.now(), arrival);
    Object.assign(entry, arrivalNotes(arrival));
    const script = this.scripts.take(request);
    if (script) entry.scripted = script.effects;
    const normal = async (): Promise<Answer> => {
      return answerOf(() => handle(request, entry, this.context), entry);
    };
    const answer = await (script?.run(normal, request, this.#stopped.signal) ?? normal());
    // A full turn of the event loop, to notice a client that left while the request hung.
    if (script) await immediate().then(() => immediate());
    await write(answer, req, res, entry);
  }
}

function answerOf(handle: () => FakeResponse, entry: FakeJournalDraft): FakeResponse {
  try {
    return handle();
  } catch (error) {
    if (!(error instanceof FakeProtocolError)) throw error;
    entry.error = error.code;
    return error.toResponse();
  }
}

async function write(
  answer: Answer,
  req: IncomingMessage,
  res: ServerResponse,
  entry: FakeJournalDraft,
): Promise<void> {
  if (answer === DROP) {
    req.socket.destroy();
    return;
  }
  entry.status = isResponse(answer) ? answer.status : 200;
  if (res.destroyed || !req.socket.writable) return;
  res.once('finish', () => (entry.delivered = !req.socket.destroyed));
  // What could not be written shows in the journal: `delivered` stays false.
  res.on('error', () => undefined);
  const closed = new Promise((resolve) => res.once('close', resolve));
  if (isResponse(answer)) {
    res.statusCode = answer.status;
    for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value);
    res.end(answer.body);
  } else {
    await flood(res, answer.flood, closed);
  }
  await closed;
}

/** A JSON text of exactly that many bytes (at least 13), written no faster than the client reads. */
async function flood(res: ServerResponse, bytes: number, closed: Promise<unknown>): Promise<void> {
  res.setHeader('Content-Type', 'application/json');
  const piece = 'x'.repeat(64 * 1024);
  res.write('{"padding":"');
  for (let left = bytes - '{"padding":""}'.length; left > 0; left -= piece.length) {
    if (res.destroyed) return;
    if (!res.write(piece.slice(0, left))) {
      await Promise.race([once(res, 'drain'), closed]);
    }
  }
  res.end('"}');
}
