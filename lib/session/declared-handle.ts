import type { ClientDirectory } from './client-directory.js';
import type { ClientRuntime } from './client-runtime.js';
import type { ClientHandle } from './token-session.js';

/** A client by its name, whatever is declared under that by the time that it is used. */
export class DeclaredHandle implements ClientHandle {
  readonly name: string;
  readonly #directory: Pick<ClientDirectory, 'runtime' | 'remove'>;

  constructor(name: string, directory: Pick<ClientDirectory, 'runtime' | 'remove'>) {
    this.name = name;
    this.#directory = directory;
  }

  get runtime(): ClientRuntime {
    return this.#directory.runtime(this.name);
  }

  close(): Promise<void> {
    return this.#directory.remove(this.name);
  }
}
