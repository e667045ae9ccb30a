import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Answers, Arrival, Asks, ReplicaMessage } from './cluster.messages.js';

/** What became of something asked of a process that was killed meanwhile. */
export class ReplicaGone extends Error {}

/** A replica of the application, in a process of its own, as who steers it sees it. */
export class Replica {
  readonly #child: ChildProcess;
  readonly #asked = new Map<
    number,
    { resolve: (answer: never) => void; reject: (error: Error) => void }
  >();
  readonly #arrivals = new Map<string, Arrival>();
  readonly #expected = new Map<string, (arrival: Arrival) => void>();
  readonly #ready: Promise<unknown>;
  #count = 0;

  /** @param entry - The compiled `replica.process.ts`. */
  constructor(entry: string) {
    this.#child = fork(entry, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#ready = once(this.#child, 'message');
    this.#child.on('message', (message) => this.#receive(message as ReplicaMessage));
    this.#child.once('exit', () => {
      for (const { reject } of this.#asked.values()) reject(new ReplicaGone());
      this.#asked.clear();
    });
  }

  /** Asks it for something; rejects with {@link ReplicaGone} when it dies over it. */
  async ask<Name extends keyof Asks>(name: Name, what: Asks[Name]): Promise<Answers[Name]> {
    await this.#ready;
    const id = (this.#count += 1);
    return new Promise<Answers[Name]>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#child.send({ id, name, what });
    });
  }

  /** What one call of a user comes to: its status, or the error. */
  async call(subject: string): Promise<string> {
    return Object.keys(await this.ask('calls', { subject, count: 1 })).join();
  }

  /** Resolves when it stands at the gate that was armed for a user. */
  arrival(subject: string): Promise<Arrival> {
    const arrived = this.#arrivals.get(subject);
    if (arrived) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#expected.set(subject, resolve));
  }

  /** Sends it a signal, such as `SIGSTOP`. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Kills it, at once; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #receive(message: ReplicaMessage): void {
    if ('ready' in message) return;
    if ('at' in message) {
      const { subject } = message.at;
      this.#arrivals.set(subject, message.at);
      this.#expected.get(subject)?.(message.at);
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if ('failed' in message) asked?.reject(new Error(message.failed));
    else asked?.resolve(message.answer as never);
  }
}
