import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { DiscoveryError } from '../errors/endpoint.errors.js';
import type { BackgroundWork } from './background-work.js';
import type { Clock } from './clock.js';
import type { ServerConnection } from './server-connection.js';
import type { ServerMetadata } from './server-metadata.js';
import { SingleFlight } from './single-flight.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long an unknown key is not looked for again after a look that did not find one. */
const FRUITLESS_MS = 60 * 1000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * The keys that the authorization server signs with: read at first use, once for all who ask, again
 * after a day, and once more when a token is signed with one that is not among them. The old keys
 * are kept while new ones cannot be had. OpenID Connect Core 1.0, section 10.1.1.
 */
export class ServerKeys {
  readonly #client: string;
  readonly #metadata: ServerMetadata;
  readonly #connection: ServerConnection;
  readonly #clock: Clock;
  readonly #work: BackgroundWork;
  readonly #flight = new SingleFlight<KeySet>();
  #known?: { keys: KeySet; until: number };
  #fruitlessUntil = 0;

  constructor(
    client: string,
    parts: {
      metadata: ServerMetadata;
      connection: ServerConnection;
      clock: Clock;
      work: BackgroundWork;
    },
  ) {
    this.#client = client;
    this.#metadata = parts.metadata;
    this.#connection = parts.connection;
    this.#clock = parts.clock;
    this.#work = parts.work;
  }

  /** Reads the keys, where they are not at hand. */
  async ready(): Promise<void> {
    await this.#keys();
  }

  /** The key, or keys, that a token with this header may be signed with; none when not known. */
  async candidates(header: JWSHeaderParameters): Promise<CryptoKey[]> {
    const before = await this.#keys();
    const found = await keysFor(header, before);
    if (found.length > 0 || this.#clock.now() < this.#fruitlessUntil) return found;
    const again = await keysFor(header, await this.#read());
    if (again.length === 0) this.#fruitlessUntil = this.#clock.now() + FRUITLESS_MS;
    return again;
  }

  async #keys(): Promise<KeySet> {
    const known = this.#known;
    if (known && this.#clock.now() < known.until) return known.keys;
    try {
      return await this.#read();
    } catch (error) {
      if (!known) throw error;
      known.until = this.#clock.now() + FRUITLESS_MS;
      return known.keys;
    }
  }

  #read(): Promise<KeySet> {
    const label = `signing keys of the server of ${this.#client}`;
    return this.#flight.run('', () => this.#work.run(label, () => this.#fetch()));
  }

  async #fetch(): Promise<KeySet> {
    const url = await this.#metadata.jwksUri();
    try {
      const { status, ...answer } = await this.#get(url);
      if (status !== 200) throw this.#error(`The key set was answered ${status}.`, status);
      const keys = createLocalJWKSet(answer.json as JSONWebKeySet);
      this.#known = { keys, until: this.#clock.now() + DAY_MS };
      return keys;
    } catch (error) {
      if (error instanceof DiscoveryError) throw error;
      throw this.#error('The key set could not be read.', undefined, error);
    }
  }

  async #get(url: string): Promise<{ status: number; json: unknown }> {
    const answer = await this.#connection.send({ url: new URL(url), method: 'GET' });
    return { status: answer.status, json: answer.json() };
  }

  #error(problem: string, status?: number, cause?: unknown): DiscoveryError {
    return new DiscoveryError({
      client: this.#client,
      problem,
      remedy: 'Check jwks_uri in the metadata of the server, or set jwksUri.',
      status,
      cause,
    });
  }
}

/** One key by its `kid`, or all that would do where the token names none. */
async function keysFor(header: JWSHeaderParameters, keys: KeySet): Promise<CryptoKey[]> {
  try {
    return [(await keys(header)) as CryptoKey];
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return [];
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    const several: CryptoKey[] = [];
    for await (const key of error) several.push(key as CryptoKey);
    return several;
  }
}
