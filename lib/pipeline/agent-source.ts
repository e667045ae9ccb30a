import type { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { defined } from '../protocol/defined.js';
import { waitWithin } from './patience.js';
import { materialProblem, type TlsMaterial } from './tls-material.js';
import type { Material, TransportOptions } from './transport.js';

/** How the agents of a client, or of one call, are made. */
export interface AgentSourceOptions {
  /** How long a function may take to give a certificate or key, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether connections outlive the request that they were made for. */
  readonly keepAlive: boolean;
}

/** The agent for `https://`: the application's, or one that is made from certificates and keys. */
export class AgentSource {
  readonly #client: string;
  readonly #options: TransportOptions;
  readonly #how: AgentSourceOptions;
  readonly #rotates: boolean;
  #made: { readonly material: TlsMaterial; readonly agent: Agent | undefined } | undefined;

  constructor(client: string, options: TransportOptions, how: AgentSourceOptions) {
    this.#client = client;
    this.#options = options;
    this.#how = how;
    const { ca, cert, key } = options;
    this.#rotates = [ca, cert, key].some((material) => typeof material === 'function');
  }

  /** The agent to use now, if there is to be one; at once, unless a function has to be asked. */
  current(): Agent | undefined | Promise<Agent | undefined> {
    if (this.#options.httpsAgent) return this.#options.httpsAgent;
    if (this.#rotates) return this.#asked().then((material) => this.#agent(material));
    return this.#made ? this.#made.agent : this.#agent(this.#options as TlsMaterial);
  }

  /** Ends the idle connections of the agent that was made here; the application's is its own. */
  retire(): void {
    if (this.#made?.agent) retire(this.#made.agent);
  }

  #agent({ ca, cert, key }: TlsMaterial): Agent | undefined {
    const material = defined({ ca, cert, key, passphrase: this.#options.passphrase });
    if (this.#made && isDeepStrictEqual(this.#made.material, material)) return this.#made.agent;
    const mistake = materialProblem(material);
    if (mistake) {
      throw new ConfigurationError({
        client: this.#client,
        problem: `transport.${mistake.name} cannot be used: ${mistake.problem}`,
        remedy: 'Mend it, or the function that gave it; nothing was sent.',
      });
    }
    const needed = Object.keys(material).length > 0;
    const { keepAlive } = this.#how;
    const agent = needed ? new Agent({ keepAlive, ...material }) : undefined;
    if (this.#made?.agent) retire(this.#made.agent);
    this.#made = { material, agent };
    return agent;
  }

  async #asked(): Promise<TlsMaterial> {
    const { ca, cert, key } = this.#options;
    const { timeoutMs } = this.#how;
    try {
      const asked = Promise.all([now(ca), now(cert), now(key)]);
      const tooSlow = () => new Error(`no answer within ${timeoutMs} ms`);
      const [caNow, certNow, keyNow] = await waitWithin(asked, { timeoutMs }, tooSlow);
      return { ca: caNow, cert: certNow, key: keyNow };
    } catch (cause) {
      throw new ConfigurationError({
        client: this.#client,
        problem: 'A function of transport gave no certificate or key.',
        remedy: 'Look why it failed or was too slow; nothing was sent.',
        cause,
      });
    }
  }
}

/** Ends an agent's idle connections now, and those in use as soon as their request has ended. */
export function retire(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const idle of Object.values(agent.freeSockets)) {
    for (const socket of [...(idle ?? [])]) socket.destroy();
  }
}

async function now<T>(material: Material<T> | undefined): Promise<T | undefined> {
  if (typeof material !== 'function') return material;
  const given = await (material as () => T | Promise<T>)();
  if (given === undefined || given === null) throw new Error('nothing was given');
  return given;
}
