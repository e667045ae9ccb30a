import { setTimeout as sleep } from 'node:timers/promises';
import { FakeHold } from './fake-authorization-server.hold.js';
import { jsonResponse } from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';

/** The connection is destroyed instead of an answer. */
export const DROP = Symbol('drop');

/** That many bytes are streamed instead of an answer. */
export interface Flood {
  flood: number;
}

export type Answer = FakeResponse | Flood | typeof DROP;

/** One link of the chain around the normal behaviour; the first one added is the outermost. */
interface Effect {
  name: string;
  run(next: () => Promise<Answer>, request: FakeRequest, stopped: AbortSignal): Promise<Answer>;
}

/** An answer that has a body to look at: neither dropped nor flooded. */
export function isResponse(answer: Answer): answer is FakeResponse {
  return answer !== DROP && 'status' in answer;
}

/**
 * What is to happen to the next request at an endpoint. Effects chain, the first one outermost; one
 * script is for one request unless `times()` says more.
 *
 * ```ts
 * server.next('token').respond(429, { 'Retry-After': '2' }).times(2);
 * server.next('token').transformJson((json) => ({ ...json, refresh_token: undefined }));
 * const held = server.next('token').hold();
 * ```
 */
export class FakeScript {
  readonly #effects: Effect[] = [];
  readonly #holds: FakeHold[] = [];
  readonly #when: (request: FakeRequest) => boolean;
  #left: number;

  /** @internal Made by `server.next()` and `server.always()`. */
  constructor(left: number, when: (request: FakeRequest) => boolean) {
    this.#left = left;
    this.#when = when;
  }

  /** For the next `count` requests, not just one. */
  times(count: number): this {
    this.#left = count;
    return this;
  }

  /** Normal behaviour: to let requests through before a later script. */
  pass(): this {
    return this;
  }

  /** Answers this instead; the request is not processed, nothing is rotated. */
  respond(status: number, headers: Record<string, string | string[]> = {}, body = ''): this {
    return this.#add('respond', async () => ({ status, headers: { ...headers }, body }));
  }

  /** As {@link respond}, with a JSON body. */
  respondJson(status: number, value: unknown, headers: Record<string, string> = {}): this {
    return this.#add('respondJson', async () => jsonResponse(status, value, headers));
  }

  /** A redirect; the request is not processed. */
  redirect(location: string, status = 302): this {
    return this.#add('redirect', async () => ({ status, headers: { location }, body: '' }));
  }

  /** 200 with rubbish; the request is not processed. */
  malformed(body = '<html>{"access_token":', contentType = 'application/json'): this {
    const headers = { 'Content-Type': contentType };
    return this.#add('malformed', async () => ({ status: 200, headers: { ...headers }, body }));
  }

  /** 200 and a JSON text of that many bytes, in pieces; the request is not processed. */
  oversized(bytes: number): this {
    return this.#add('oversized', async () => ({ flood: bytes }));
  }

  /** Waits for so many milliseconds of real time before going on. */
  delay(milliseconds: number): this {
    return this.#add('delay', async (next, _request, stopped) => {
      // It can only be rejected by the server's stop, which the next line handles.
      await sleep(milliseconds, undefined, { signal: stopped }).catch(() => undefined);
      return stopped.aborted ? DROP : next();
    });
  }

  /** The connection is destroyed before the request is processed: nothing was rotated. */
  dropBefore(): this {
    return this.#add('dropBefore', async () => DROP);
  }

  /** The request is processed, rotation included, and the connection destroyed instead of an answer. */
  dropAfter(): this {
    return this.#add('dropAfter', async (next) => {
      await next();
      return DROP;
    });
  }

  /** Changes the answer before it is sent. */
  transform(
    change: (response: FakeResponse, request: FakeRequest) => FakeResponse | Promise<FakeResponse>,
  ): this {
    return this.#add('transform', async (next, request) => {
      const answer = await next();
      return isResponse(answer) ? change(answer, request) : answer;
    });
  }

  /** Changes the answer's JSON before it is sent; members set to `undefined` are left out. */
  transformJson(change: (json: Record<string, unknown>) => unknown): this {
    return this.transform((response) => {
      const json = JSON.parse(response.body || '{}') as Record<string, unknown>;
      return { ...response, body: JSON.stringify(change(json)) };
    });
  }

  /** The request hangs, not yet processed, until the handle is released. Ends the chain. */
  hold(): FakeHold {
    return this.#hold('hold', async (hold, next, request, stopped) => {
      await hold.wait(request, stopped);
      return stopped.aborted ? DROP : next();
    });
  }

  /** The request is processed, rotation included, but its answer hangs until released. Ends the chain. */
  holdAnswer(): FakeHold {
    return this.#hold('holdAnswer', async (hold, next, request, stopped) => {
      const answer = await next();
      await hold.wait(request, stopped);
      return stopped.aborted ? DROP : answer;
    });
  }

  /** @internal */
  get effects(): string[] {
    return this.#effects.map((effect) => effect.name);
  }

  /** @internal Takes one of the requests this script is for. */
  take(request: FakeRequest): boolean {
    if (this.#left <= 0 || !this.#when(request)) return false;
    this.#left -= 1;
    return true;
  }

  /** @internal */
  run(normal: () => Promise<Answer>, request: FakeRequest, stopped: AbortSignal): Promise<Answer> {
    const chain = this.#effects.reduceRight<() => Promise<Answer>>(
      (next, effect) => () => effect.run(next, request, stopped),
      normal,
    );
    return chain();
  }

  /** @internal */
  release(): void {
    for (const hold of this.#holds) hold.release();
  }

  #add(name: string, run: Effect['run']): this {
    this.#effects.push({ name, run });
    return this;
  }

  #hold(
    name: string,
    run: (hold: FakeHold, ...rest: Parameters<Effect['run']>) => Promise<Answer>,
  ): FakeHold {
    const hold = new FakeHold();
    this.#holds.push(hold);
    this.#add(name, (...rest) => run(hold, ...rest));
    return hold;
  }
}
