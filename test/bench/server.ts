import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Ask, Counts, Tokens } from './server.messages.js';

/** The API and its token endpoint, in a process of their own. */
export class Server {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(
    child: ChildProcess,
    /** Where it is. */
    readonly url: string,
  ) {
    this.#child = child;
    child.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  static async start(): Promise<Server> {
    const child = fork(fileURLToPath(new URL('./server.process.ts', import.meta.url)));
    const [{ port }] = (await Promise.race([once(child, 'message'), failed(child)])) as [
      { port: number },
    ];
    return new Server(child, `http://127.0.0.1:${port}`);
  }

  /** Tokens of so many new grants. */
  async issue(count: number): Promise<readonly Tokens[]> {
    return (await this.#ask({ name: 'issue', count })) as readonly Tokens[];
  }

  /** What happened since the last time that this was asked. */
  async counts(): Promise<Counts> {
    return (await this.#ask({ name: 'counts' })) as Counts;
  }

  /** Anything that has no answer. */
  async tell(ask: Exclude<Ask, { name: 'issue' | 'counts' }>): Promise<void> {
    await this.#ask(ask);
  }

  stop(): void {
    this.#child.disconnect();
  }

  #ask(ask: Ask): Promise<Answer> {
    const id = (this.#asked += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, ask });
    });
  }
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`The server's process ended with ${code} before it listened.`);
}
