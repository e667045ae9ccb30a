import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import axios, {
  AxiosHeaders,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
} from 'axios';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { finalAddress } from '../pipeline/final-address.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { isRefusal, passRefusalOn } from '../pipeline/refused-scope.js';
import { bound } from './session-axios.js';

/** What `fetch` is: the standard function, with an address that may be relative to `baseURL`. */
export type SessionFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Only what a `Request` makes of the other arguments is of interest, and it wants an address. */
const PLACEHOLDER = 'https://placeholder.invalid/';
const WITHOUT_BODY = new Set([204, 205, 304]);
const FORM = /^application\/x-www-form-urlencoded\b/i;

/** `fetch` through a session's axios instance: its adapter, transport and interceptors. */
export async function fetchThrough(
  instance: AxiosInstance,
  binding: GrantBinding | undefined,
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request(input instanceof Request ? input : PLACEHOLDER, init);
  const config = await configOf(request, input, init);
  let response: AxiosResponse<Readable>;
  try {
    response = await instance.request(binding ? bound(config, binding) : config);
  } catch (error) {
    throw asFetchThrows(error, request.signal);
  }
  return responseOf(response, request);
}

async function configOf(
  request: Request,
  input: string | URL | Request,
  init: RequestInit,
): Promise<AxiosRequestConfig> {
  const headers = new AxiosHeaders(Object.fromEntries(request.headers));
  if (!headers.has('accept')) headers.set('accept', '*/*');
  // axios would call a body without a type a form, and fetch names none.
  if (!headers.has('content-type')) headers.set('content-type', false);
  return {
    url: input instanceof Request ? input.url : String(input),
    method: request.method,
    headers,
    data: await bodyOf(request, init),
    signal: request.signal,
    responseType: 'stream',
    validateStatus: () => true,
    ...(request.redirect !== 'follow' && { maxRedirects: 0 }),
  };
}

/** A stream goes as it comes, and cannot be sent again after a 401; anything else is held. */
async function bodyOf(request: Request, init: RequestInit): Promise<unknown> {
  if (request.body === null) return undefined;
  const given: unknown = init.body;
  if (given instanceof ReadableStream || isAsyncIterable(given)) {
    return Readable.fromWeb(request.body as NodeReadableStream);
  }
  const isForm = FORM.test(request.headers.get('content-type') ?? '');
  return isForm ? request.text() : Buffer.from(await request.arrayBuffer());
}

function isAsyncIterable(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function responseOf(answer: AxiosResponse<Readable>, request: Request): Response {
  const { status, statusText, data } = answer;
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, String(one));
  }
  const hasBody = !WITHOUT_BODY.has(status) && request.method !== 'HEAD';
  if (!hasBody) data.resume();
  if (request.redirect === 'error' && status >= 300 && status < 400 && headers.has('location')) {
    data.destroy();
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  const body = hasBody ? (Readable.toWeb(data) as ReadableStream) : null;
  const response = new Response(body, { status, statusText, headers });
  if (isRefusal(answer)) passRefusalOn(answer, response);
  const { url = '', redirected = false } = finalAddress(answer) ?? {};
  return Object.defineProperties(response, {
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
  });
}

/** The errors that callers of `fetch` tell apart; what we ourselves refuse keeps its type. */
function asFetchThrows(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof OAuthClientError) return error;
  if (signal.aborted) return signal.reason;
  if (!axios.isAxiosError(error)) return error;
  if (error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT') {
    return new DOMException(error.message, 'TimeoutError');
  }
  return new TypeError('fetch failed', { cause: error });
}
