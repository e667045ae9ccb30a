import {
  discoveryRequest,
  processDiscoveryResponse,
  customFetch,
  allowInsecureRequests,
  type AuthorizationServer,
} from 'oauth4webapi';
import { ConfigurationError, InsecureTransportError } from '../errors/configuration.errors.js';
import { DiscoveryError } from '../errors/endpoint.errors.js';
import { externalText } from '../errors/external-text.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { usesCertificate, type ClientAuthentication } from '../protocol/client-authentication.js';
import { answersFor, judgedIssuer } from '../protocol/issuer.js';
import { parseUrl } from '../protocol/url.js';
import type { BackgroundWork } from './background-work.js';
import type { ClientSettings, ServerEndpoint } from './client-settings.js';
import type { Clock } from './clock.js';
import { connectionRemedy } from './connection-remedy.js';
import { ConnectionFailure, type ServerConnection } from './server-connection.js';
import { signerOf, type Signer } from './signer.js';
import { SingleFlight } from './single-flight.js';

/** Endpoints that a request is sent to, or a browser. */
type NamedEndpoint = Exclude<ServerEndpoint, 'jwks'>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long the old document serves without a new try after a new one could not be had. */
const RETRY_MS = 60 * 1000;

/**
 * What the authorization server says of itself: read at first use, once for all who ask, again
 * after a day; a failure is not kept, and the old document is while a new one cannot be had.
 * OpenID Connect Discovery 1.0; RFC 8414.
 */
export class ServerMetadata {
  readonly #settings: ClientSettings;
  readonly #connection: ServerConnection;
  readonly #clock: Clock;
  readonly #work: BackgroundWork;
  readonly #flight = new SingleFlight<AuthorizationServer>();
  #known?: { document: AuthorizationServer; until: number };

  constructor(
    settings: ClientSettings,
    connection: ServerConnection,
    clock: Clock,
    work: BackgroundWork,
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#clock = clock;
    this.#work = work;
  }

  /** The document as far as it is known: nothing is read. */
  get known(): AuthorizationServer | undefined {
    return this.#known?.document;
  }

  /** The issuer, configured or discovered; `undefined` where there is none to be known. */
  get issuer(): string | undefined {
    return this.known?.issuer ?? this.#settings.issuer;
  }

  /** The address of an endpoint: configured, else discovered, else an error that says which option. */
  async endpoint(name: NamedEndpoint): Promise<string> {
    const explicit = this.#settings.endpoints[name];
    if (explicit !== undefined) {
      await this.ready();
      return explicit;
    }
    const address = this.#canDiscover ? this.#named(await this.document(), name) : undefined;
    if (typeof address !== 'string') {
      throw this.#unknown(`${name} endpoint`, optionOf(name), 'an issuer whose metadata names it');
    }
    this.#demandSecure(address);
    return address;
  }

  /** What is judged that the server signs; nothing is read where the options say it all. */
  async signer(): Promise<Signer> {
    const { issuer, endpoints, name } = this.#settings;
    const isSaid = issuer !== undefined && endpoints.jwks !== undefined;
    return signerOf(name, isSaid ? (this.known ?? { issuer }) : await this.document());
  }

  /** Where the server's keys are. */
  async jwksUri(): Promise<string> {
    const explicit = this.#settings.endpoints.jwks;
    if (explicit !== undefined) return explicit;
    const { jwks_uri: address } = await this.document();
    if (typeof address !== 'string') {
      throw this.#error('The metadata names no jwks_uri.', 200);
    }
    this.#demandSecure(address);
    return address;
  }

  /**
   * Reads the document where a token request would need it anyway, and where it alone says who the
   * issuer is: an answer of another one is to be refused from the first on.
   */
  async ready(): Promise<void> {
    const { endpoints, issuer } = this.#settings;
    const needed = endpoints.token === undefined || issuer === undefined;
    if (this.#canDiscover && needed) await this.document();
  }

  /** The document, read when needed. */
  async document(): Promise<AuthorizationServer> {
    if (this.#known && this.#clock.now() < this.#known.until) return this.#known.document;
    if (!this.#canDiscover) throw this.#unknown('issuer', 'issuer', 'metadataUrl');
    try {
      return await this.#flight.run('', () =>
        this.#work.run(`discovery of ${this.#settings.name}`, () => this.#discover()),
      );
    } catch (error) {
      if (!this.#known) throw error;
      this.#known.until = this.#clock.now() + RETRY_MS;
      return this.#known.document;
    }
  }

  /** A client that shows a certificate goes to the addresses that ask for one. RFC 8705, 5. */
  #named(document: AuthorizationServer, name: NamedEndpoint): unknown {
    const { authentication, revocationAuthentication, introspectionAuthentication } =
      this.#settings;
    const own: Partial<Record<NamedEndpoint, ClientAuthentication>> = {
      revocation: revocationAuthentication,
      introspection: introspectionAuthentication,
    };
    const withCertificate = usesCertificate(own[name] ?? authentication);
    const member = `${name}_endpoint` as const;
    const aliases = withCertificate ? document.mtls_endpoint_aliases : undefined;
    return aliases?.[member] ?? document[member];
  }

  get #canDiscover(): boolean {
    return this.#settings.issuer !== undefined || this.#settings.metadataUrl !== undefined;
  }

  async #discover(): Promise<AuthorizationServer> {
    const document = await this.#read();
    this.#known = { document, until: this.#clock.now() + DAY_MS };
    return document;
  }

  async #read(): Promise<AuthorizationServer> {
    const { issuer, metadataUrl } = this.#settings;
    if (metadataUrl !== undefined) return this.#judge(await this.#get(metadataUrl), issuer);
    const response = await this.#wellKnown('oidc');
    const isElsewhere = response.status >= 400 && response.status < 500;
    return this.#judge(isElsewhere ? await this.#wellKnown('oauth2') : response, issuer);
  }

  #wellKnown(algorithm: 'oidc' | 'oauth2'): Promise<Response> {
    return discoveryRequest(new URL(this.#settings.issuer!), {
      algorithm,
      [allowInsecureRequests]: true,
      [customFetch]: (url) => this.#get(url),
    });
  }

  async #get(url: string): Promise<Response> {
    this.#demandSecure(url);
    try {
      const answer = await this.#connection.send({ url: new URL(url), method: 'GET' });
      return new Response([204, 304].includes(answer.status) ? null : answer.body, {
        status: answer.status,
        headers: { 'content-type': 'application/json' },
      });
    } catch (error) {
      const why = error instanceof ConnectionFailure ? `: ${error.message}` : '';
      throw this.#error(`The metadata document could not be read${why}.`, undefined, error);
    }
  }

  async #judge(response: Response, issuer: string | undefined): Promise<AuthorizationServer> {
    if (response.status !== 200) {
      throw this.#error(`The metadata request was answered ${response.status}.`, response.status);
    }
    const named = await issuerNamedBy(response.clone());
    if (named === undefined) throw this.#error('The metadata names no issuer.', response.status);
    if (issuer !== undefined && !answersFor(named, issuer)) {
      throw this.#error(
        `The metadata is of issuer "${externalText(named)}", not of "${issuer}".`,
        response.status,
      );
    }
    try {
      const document = await processDiscoveryResponse(new URL(named), response);
      return { ...document, issuer: judgedIssuer(named, issuer ?? named) };
    } catch (error) {
      throw this.#error('The metadata document is malformed.', response.status, error);
    }
  }

  #demandSecure(address: string): void {
    const url = parseUrl(address);
    if (!url) {
      throw this.#error(`The metadata names "${externalText(address)}", which is no URL.`, 200);
    }
    const { protocol, username, password } = url;
    this.#settings.guard?.demand(url);
    if (username !== '' || password !== '') {
      throw this.#error('The metadata names an address with a user name or password.', 200);
    }
    if (protocol === 'https:' || (protocol === 'http:' && this.#settings.allowInsecureHttp)) return;
    throw new InsecureTransportError({
      client: this.#settings.name,
      problem: `The address "${externalText(address)}" is not https.`,
      remedy: 'Use https, or set allowInsecureHttp for development.',
    });
  }

  #unknown(what: string, option: string, instead: string): ConfigurationError {
    return new ConfigurationError({
      client: this.#settings.name,
      problem: `The ${what} is not known.`,
      remedy: `Set ${option}, or ${instead}.`,
    });
  }

  #error(problem: string, status: number | undefined, cause?: unknown): OAuthClientError {
    if (cause instanceof OAuthClientError) return cause;
    return new DiscoveryError({
      client: this.#settings.name,
      problem,
      remedy: connectionRemedy(
        cause,
        'Check issuer or metadataUrl, or set the endpoints one by one.',
      ),
      status,
      cause,
    });
  }
}

function optionOf(name: NamedEndpoint): string {
  return `${name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase())}Endpoint`;
}

async function issuerNamedBy(response: Response): Promise<string | undefined> {
  try {
    const { issuer } = (await response.json()) as { issuer?: unknown };
    return typeof issuer === 'string' && parseUrl(issuer) ? issuer : undefined;
  } catch {
    return undefined;
  }
}
