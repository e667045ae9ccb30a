import { finiteNumber } from './expiry.js';
import type { TokenEndpointResponse } from './http-message.js';

const MAX_DEPTH = 64;

/** What an answer turned out to be, before it is judged by the standard. */
export type NormalisedResponse =
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly error?: string;
      readonly errorDescription?: string;
      readonly errorUri?: string;
      /** What the answer was, when it was no OAuth error. */
      readonly nature?: string;
    };

/** The types of body that a message names: a server may write anything there. */
const KNOWN_TYPE =
  /^(?:text\/(?:html|plain|xml|css|csv|javascript)|application\/(?:json|problem\+json|xml|soap\+xml|xhtml\+xml|jwt|pdf|javascript|octet-stream|x-www-form-urlencoded)|image\/(?:gif|jpeg|png|webp|svg\+xml))$/;

/**
 * Brings the answers that servers really give to the form of RFC 6749, section 5: form encoding or
 * JSON by content, empty and null fields dropped, a missing `token_type` read as Bearer, a 2xx
 * with an `error` as an error. Pure; runs after the response hooks.
 */
export function normalise(response: TokenEndpointResponse): NormalisedResponse {
  const { status } = response;
  const fields = parse(response.body);
  const error = fields?.['error'];
  if (typeof error === 'string') {
    return {
      kind: 'error',
      status,
      error,
      ...text('errorDescription', fields?.['error_description']),
      ...text('errorUri', fields?.['error_uri']),
    };
  }
  if (status >= 200 && status < 300 && fields && error === undefined) {
    return { kind: 'fields', fields };
  }
  return { kind: 'error', status, nature: natureOf(response, fields) };
}

/** The fields as `oauth4webapi` accepts them, to be judged; what we keep is the answer itself. */
export function conforming(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const lifetime = finiteNumber(fields['expires_in']);
  const { expires_in: _lifetime, scope: _scope, ...rest } = fields;
  return {
    token_type: 'Bearer',
    ...rest,
    ...(lifetime !== undefined && lifetime > 0 && { expires_in: lifetime }),
    ...(typeof fields['scope'] === 'string' && { scope: fields['scope'] }),
  };
}

function parse(body: string): Record<string, unknown> | undefined {
  const trimmed = body.trim();
  const parsed = trimmed.startsWith('{') ? parseJson(trimmed) : parseForm(trimmed);
  if (!parsed) return undefined;
  return Object.fromEntries(
    Object.entries(parsed).filter(
      ([, value]) => value !== null && value !== '' && isShallow(value),
    ),
  );
}

/** What nests deeper is no answer to a token request, and would take the stack to copy. */
function isShallow(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return false;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
  }
  return true;
}

function parseJson(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function parseForm(body: string): Record<string, unknown> | undefined {
  if (!/^[\w.~%+-]+=/.test(body) || /[\s<>"]/.test(body)) return undefined;
  return Object.fromEntries(new URLSearchParams(body));
}

function natureOf(response: TokenEndpointResponse, fields: object | undefined): string {
  if (response.body.trim() === '') return 'an empty body';
  if (fields) return 'a body without a token';
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  return KNOWN_TYPE.test(type)
    ? `a body of type ${type} that is no token response`
    : 'a body of no known type';
}

function text<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return typeof value === 'string' ? ({ [key]: value } as { [P in K]: string }) : {};
}
