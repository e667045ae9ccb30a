import { externalText } from '../errors/external-text.js';
import { masked } from '../errors/masked.js';
import type { TokenEndpointResponse } from './http-message.js';
import { redact } from './redact.js';

/** No more of a body is looked at, in characters. */
const READ = 64 * 1024;
const SHOWN = 120;

/** Members whose text is meant for people, or tells errors apart. */
const TELLING = /^(?:errors?|error_?\w*|messages?|msg|reason|details?|title|type|status\w*)$/i;

/**
 * A short piece of a body that was not understood, for the one who has to find out why: names and
 * prose. What a request has sent, values behind telling names, and words that could be a token
 * are replaced; of JSON, only error members keep their text; of a success, which may be a token
 * itself, no prose is shown.
 */
export function bodyExcerpt(
  { status, body }: Pick<TokenEndpointResponse, 'status' | 'body'>,
  secrets: readonly string[],
): string | undefined {
  const isSuccess = status >= 200 && status < 300;
  // Redacted whole: of a secret that a cut goes through, the beginning would be shown.
  const known = /^\s*[[{]/.test(body)
    ? redact(outline(body), secrets)
    : isSuccess
      ? undefined
      : prose(redact(body, secrets).slice(0, READ));
  const shown = known === undefined ? undefined : externalText(masked(known));
  return shown !== undefined && shown.length > SHOWN ? `${shown.slice(0, SHOWN - 1)}…` : shown;
}

/** What a page shows of itself. */
function prose(text: string): string {
  return text
    .replace(/<(script|style|head)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<[^>]*(?:>|$)/g, ' ')
    .replace(/\s+/g, ' ');
}

function outline(body: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body), tellingOnly);
  } catch {
    return undefined;
  }
}

function tellingOnly(name: string, value: unknown): unknown {
  const hidden = typeof value === 'string' && !TELLING.test(name);
  return hidden || (typeof value === 'number' && Math.abs(value) > 9_999) ? '…' : value;
}
