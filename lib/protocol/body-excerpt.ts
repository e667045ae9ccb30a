import { externalText } from '../errors/external-text.js';
import { redact } from './redact.js';

const READ = 4_000;
const SHOWN = 120;
const HIDDEN = '[redacted]';

/** Members whose text is meant for people, or tells errors apart. */
const TELLING = /^(?:errors?|error_?\w*|messages?|msg|reason|details?|title|type|status\w*)$/i;
/** A value behind a name that announces a secret. */
const NAMED_SECRET =
  /((?:token|secret|code|password|passwd|key|assertion|verifier|jwt)\w*["']?\s*[=:]\s*["']?)[^\s&,;<>"'}\]]+/gi;
/** A word that could be a secret: long, or letters and digits in one. */
const LIKELY_SECRET = /(?=[\w.~+/=%-]*[a-z])(?=[\w.~+/=%-]*\d)[\w.~+/=%-]{8,}|[\w.~+/=%-]{20,}/gi;

/**
 * A short piece of a body that was not understood, for the one who has to find out why: names and
 * prose. What a request has sent, values behind telling names, and words that could be a token
 * are replaced; of JSON, only error members keep their text.
 */
export function bodyExcerpt(body: string, secrets: readonly string[]): string | undefined {
  const text = body.slice(0, READ).trim();
  const known = redact(/^[[{]/.test(text) ? outline(body) : prose(text), secrets);
  const shown = externalText(
    known?.replace(NAMED_SECRET, `$1${HIDDEN}`).replace(LIKELY_SECRET, HIDDEN),
  );
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
