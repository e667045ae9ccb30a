import type { Readable } from 'node:stream';
import { Axios, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { ConfigurationError, InsecureTransportError } from '../errors/configuration.errors.js';
import { TokenEndpointResponse } from '../protocol/http-message.js';
import { parseUrl } from '../protocol/url.js';
import { refusalIn } from './address-guard.js';
import type { ClientSettings } from './client-settings.js';
import { LazyAbortSignal } from './lazy-abort-signal.js';
import type { ConnectionSource, TransportOptions } from './transport.js';

/** No answer of an authorization server is read beyond this. */
const MAX_BODY_BYTES = 1024 * 1024;

type ConnectionSettings = Pick<ClientSettings, 'name' | 'refresh' | 'allowInsecureHttp' | 'guard'>;

/** A request to the authorization server, ready to be sent. */
export interface ServerRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers?: Headers;
  readonly body?: string;
}

/**
 * Why no answer came: `never_sent` when the server cannot have seen the request, `maybe_received`
 * when it may have acted on it, `unreadable` when its answer was no answer.
 */
export class ConnectionFailure extends Error {
  constructor(
    readonly kind: 'never_sent' | 'maybe_received' | 'unreadable',
    message: string,
    readonly status?: number,
    readonly code?: string,
  ) {
    super(message);
  }
}

/**
 * Sends requests to the authorization server through axios: its own instance, so that nothing of
 * an API call, nor of axios' global defaults, gets here; no redirect is followed, time and size are
 * bounded.
 */
export class ServerConnection {
  readonly #http: Axios;
  readonly #source: ConnectionSource;
  readonly #settings: ConnectionSettings;
  readonly #timeoutMs: number;

  /** @param timeoutMs - The time of one call, which wins over that of the client. */
  constructor(source: ConnectionSource, settings: ConnectionSettings, timeoutMs?: number) {
    this.#source = source;
    this.#settings = settings;
    this.#timeoutMs = timeoutMs || settings.refresh.timeoutMs;
    this.#http = new Axios({
      adapter: 'http',
      maxRedirects: 0,
      responseType: 'stream',
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
    });
  }

  /** The same with some options of the connection changed, for one call. */
  with(options: TransportOptions): ServerConnection {
    this.#settings.guard?.refuseOwn(options);
    return new ServerConnection(this.#source.with(options), this.#settings, options.timeout);
  }

  /** Sends one request. Fails with a {@link ConnectionFailure}, which holds nothing of it. */
  async send(request: ServerRequest): Promise<TokenEndpointResponse> {
    const url = this.#demandSecure(request.url);
    const { guard } = this.#settings;
    guard?.demand(url);
    const current = await this.#source.current();
    const { timeout, ...connection } = guard?.connection(url, current) ?? current;
    const timeoutMs = Math.min(timeout || this.#timeoutMs, this.#timeoutMs);
    const limit = new LazyAbortSignal();
    // Ended with the answer: that of AbortSignal.timeout() would go on for each of thousands.
    const timer = setTimeout(() => limit.abort(), timeoutMs).unref();
    try {
      const direct = !guard && this.#source.goesDirectly(url.href, connection);
      const response = await this.#answer(limit, timeoutMs, {
        ...connection,
        ...(direct && { proxy: false }),
        url: url.href,
        method: request.method,
        headers: Object.fromEntries(request.headers ?? []),
        ...(request.body !== undefined && { data: request.body }),
        signal: limit,
      });
      return await this.#read(response, limit, timeoutMs);
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(
    signal: LazyAbortSignal,
    timeoutMs: number,
    config: AxiosRequestConfig,
  ): Promise<AxiosResponse<Readable>> {
    try {
      return await this.#http.request<Readable>(config);
    } catch (error) {
      const refusal = this.#settings.guard && refusalIn(error);
      if (refusal) throw refusal;
      throw failureOf(error, signal.aborted ? timeoutMs : undefined);
    }
  }

  /** A hook, or an authentication of the application's own, may have changed where it goes. */
  #demandSecure(address: URL): URL {
    const { name: client, allowInsecureHttp } = this.#settings;
    const url = parseUrl(String(address));
    if (!url) {
      const remedy = 'Look what its hooks and authentication make of it.';
      throw new ConfigurationError({ client, problem: 'A request goes to no URL.', remedy });
    }
    if (url.protocol === 'https:' || (url.protocol === 'http:' && allowInsecureHttp)) return url;
    throw new InsecureTransportError({
      client,
      problem: `A request to ${url.origin} is not https.`,
      remedy: 'Use https, or set allowInsecureHttp for development; nothing was sent.',
    });
  }

  async #read(
    response: AxiosResponse<Readable>,
    signal: LazyAbortSignal,
    timeoutMs: number,
  ): Promise<TokenEndpointResponse> {
    const { status, data } = response;
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of data as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > MAX_BODY_BYTES) {
          throw new ConnectionFailure('unreadable', 'a body of more than 1 MiB', status);
        }
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof ConnectionFailure) throw error;
      throw failureOf(error, signal.aborted ? timeoutMs : undefined, status);
    } finally {
      data.destroy();
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers)) {
      for (const item of Array.isArray(value) ? value : [value]) headers.append(name, String(item));
    }
    return new TokenEndpointResponse(status, headers, Buffer.concat(chunks).toString('utf8'));
  }
}

function failureOf(
  error: unknown,
  timedOutAfterMs: number | undefined,
  status?: number,
): ConnectionFailure {
  if (timedOutAfterMs !== undefined) {
    const text = `no complete answer within ${timedOutAfterMs} ms`;
    return new ConnectionFailure('maybe_received', text, status, 'ETIMEDOUT');
  }
  const { code, cause } = error as { code?: string; cause?: { syscall?: string } };
  const neverSent =
    cause?.syscall === 'connect' ||
    cause?.syscall === 'getaddrinfo' ||
    (code !== undefined && NEVER_SENT.test(code));
  return new ConnectionFailure(
    neverSent ? 'never_sent' : 'maybe_received',
    neverSent ? `no connection (${code})` : `the connection broke (${code ?? 'unknown'})`,
    status,
    code,
  );
}

/** Codes of DNS, connection, TLS and certificate failures, before which nothing is sent. */
const NEVER_SENT =
  /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_OSSL_|ERR_TLS_|ERR_SSL_|EPROTO|HOSTNAME_MISMATCH|ERR_INVALID_)/;
