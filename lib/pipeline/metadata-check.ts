import { DiscoveryError } from '../errors/endpoint.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { BackgroundWork } from './background-work.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { ServerConnection } from './server-connection.js';
import { ServerMetadata } from './server-metadata.js';
import { SingleFlight } from './single-flight.js';

/**
 * Whether the metadata of an authorization server can be read now, which tells that it is there
 * without a token request. What it finds serves nobody else: the document that the client works with
 * is read, and kept, on its own.
 */
export class MetadataCheck {
  readonly #settings: ClientSettings;
  readonly #connection: ServerConnection;
  readonly #clock: Clock;
  readonly #work: BackgroundWork;
  readonly #flight = new SingleFlight<OAuthClientError | undefined>();
  #last?: { readonly at: number; readonly failure: OAuthClientError | undefined };

  constructor(
    settings: ClientSettings,
    connection: ServerConnection,
    { clock, work }: { clock: Clock; work: BackgroundWork },
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#clock = clock;
    this.#work = work;
  }

  /** Why the document cannot be read, or `undefined`; asks once in so many seconds at most. */
  async run(maxAgeSeconds: number): Promise<OAuthClientError | undefined> {
    const age = this.#last && Math.abs(this.#clock.now() - this.#last.at);
    if (age !== undefined && age < maxAgeSeconds * 1000) return this.#last?.failure;
    return this.#flight.run('', () => this.#read());
  }

  async #read(): Promise<OAuthClientError | undefined> {
    const metadata = new ServerMetadata(this.#settings, this.#connection, this.#clock, this.#work);
    const failure = await metadata.document().then(() => undefined, failureOf(this.#settings.name));
    this.#last = { at: this.#clock.now(), failure };
    return failure;
  }
}

function failureOf(client: string): (cause: unknown) => OAuthClientError {
  return (cause) =>
    cause instanceof OAuthClientError
      ? cause
      : new DiscoveryError({
          client,
          problem: 'The metadata document could not be read.',
          remedy: 'Check issuer or metadataUrl, and the network.',
          cause,
        });
}
