import type { FakeEndpoint, FakeRequest } from './fake-authorization-server.http.js';
import { FakeScript } from './fake-authorization-server.script.js';

/** The scripts of all endpoints: queues, first in first out, and what holds when a queue is empty. */
export class ScriptBook {
  readonly #queues = new Map<FakeEndpoint, FakeScript[]>();
  readonly #always = new Map<FakeEndpoint, FakeScript[]>();

  next(endpoint: FakeEndpoint, when: (request: FakeRequest) => boolean): FakeScript {
    return enqueue(this.#queues, endpoint, new FakeScript(1, when));
  }

  always(endpoint: FakeEndpoint, when: (request: FakeRequest) => boolean): FakeScript {
    return enqueue(this.#always, endpoint, new FakeScript(Number.POSITIVE_INFINITY, when));
  }

  /** The script for this request, taken from its queue. */
  take(request: FakeRequest): FakeScript | undefined {
    // Scripts that are spent stay in the queue: what they hold must be found by reset().
    const script = this.#queues.get(request.endpoint)?.find((one) => one.take(request));
    // The latest persistent script wins.
    return script ?? this.#always.get(request.endpoint)?.findLast((one) => one.take(request));
  }

  /** Forgets the scripts of an endpoint, or of all; requests that hang because of one go on. */
  reset(endpoint?: FakeEndpoint): void {
    for (const book of [this.#queues, this.#always]) {
      for (const [name, scripts] of book) {
        if (endpoint !== undefined && name !== endpoint) continue;
        book.delete(name);
        for (const script of scripts) script.release();
      }
    }
  }
}

function enqueue(
  book: Map<FakeEndpoint, FakeScript[]>,
  endpoint: FakeEndpoint,
  script: FakeScript,
): FakeScript {
  book.set(endpoint, [...(book.get(endpoint) ?? []), script]);
  return script;
}
