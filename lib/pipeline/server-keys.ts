import type { CryptoKey, JSONWebKeySet, JWSHeaderParameters } from 'jose';
import { DiscoveryError } from '../errors/endpoint.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { BackgroundWork } from './background-work.js';
import type { Clock } from './clock.js';
import type { ServerConnection } from './server-connection.js';
import type { ServerMetadata } from './server-metadata.js';
import { SingleFlight } from './single-flight.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a key is not looked for again after a look that did not find one. */
const FRUITLESS_MS = 60 * 1000;
/** The same after a look that failed. */
const FAILED_MS = 10 * 1000;

type KeySet = (header: JWSHeaderParameters) => Promise<CryptoKey>;

/**
 * The keys that the authorization server signs with: read at first use, once for all who ask, again
 * after a day, and once more when a token is signed with one that is not among them, or not with the
 * one that has its name. The old keys are kept while new ones cannot be had. OpenID Connect Core 1.0, section 10.1.1.
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
    const found = await keysFor(header, await this.#keys());
    return found.length > 0 ? found : this.candidatesAnew(header);
  }

  /** The same, read anew: unless that was of no use within the last minute. */
  async candidatesAnew(header: JWSHeaderParameters): Promise<CryptoKey[]> {
    if (this.#clock.now() < this.#fruitlessUntil) return keysFor(header, await this.#keys());
    const found = await keysFor(header, await this.#readAnew());
    if (found.length === 0) this.fruitless();
    return found;
  }

  /** Says that keys which were read anew have verified nothing. */
  fruitless(forMs = FRUITLESS_MS): void {
    const now = this.#clock.now();
    // A pause is not made longer by what comes in it, or it might never end.
    if (now >= this.#fruitlessUntil) this.#fruitlessUntil = now + forMs;
  }

  async #readAnew(): Promise<KeySet> {
    try {
      return await this.#read();
    } catch (error) {
      this.fruitless(FAILED_MS);
      throw error;
    }
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
      const { createLocalJWKSet } = await import('jose');
      const keys = createLocalJWKSet(answer.json as JSONWebKeySet);
      this.#known = { keys, until: this.#clock.now() + DAY_MS };
      return keys;
    } catch (error) {
      if (error instanceof OAuthClientError) throw error;
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

/** One key by its `kid`, or all that would do where the token names none; none that is malformed. */
async function keysFor(header: JWSHeaderParameters, keys: KeySet): Promise<CryptoKey[]> {
  try {
    return [await keys(header)];
  } catch (error) {
    const { errors } = await import('jose');
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return [];
    const several: CryptoKey[] = [];
    for await (const key of error) several.push(key);
    return several;
  }
}
