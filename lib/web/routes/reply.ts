import type { AbstractHttpAdapter } from '@nestjs/core';

/** An answer of a route, as plain values. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What every answer of the routes carries: addresses and contents that belong to one person and one
 * moment are kept by nobody and told to nobody.
 */
export const PRIVATE_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Sends the browser on, to an address without control characters. RFC 9110, section 15.4.4. */
export function redirect(location: string): Reply {
  return { status: 303, headers: { Location: location }, body: '' };
}

/** An answer for programs. */
export function json(body: object): Reply {
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  return { status: 200, headers, body: JSON.stringify(body) };
}

/** Writes an answer by whichever platform the application runs on. */
export function write(adapter: AbstractHttpAdapter, response: unknown, reply: Reply): void {
  const { status, headers, body } = reply;
  for (const [name, value] of Object.entries(headers)) adapter.setHeader(response, name, value);
  adapter.reply(response, body, status);
}
