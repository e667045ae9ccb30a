import { createHash } from 'node:crypto';
import { joinKey, type TokenKey } from '../store/token-key.js';

/** Postgres has no NUL in its texts, and half a surrogate pair would not survive UTF-8. */
const UNSTORABLE = /[\\\0]|\p{Surrogate}/gu;
const ESCAPED = /\\([0-9a-f]{4})/g;
const NOT_ASCII = /[\u0080-\uffff]/g;
/** A payload must stay below 8000 bytes. */
const PART_LENGTH = 7_000;
const PAYLOAD = /^([0-9a-f]{16})(?:\/(\d{1,6})\/(\d{1,6}))?:(.*)$/s;

/** The columns that a key is kept in. */
export interface KeyColumns {
  readonly client: string;
  readonly subject: string;
  readonly variant: string | null;
}

/** A text as Postgres can keep it; different texts stay different, most stay as they are. */
export function escaped(text: string): string {
  return text.replace(UNSTORABLE, (unit) => `\\${hex(unit)}`);
}

/** A key as it is kept. */
export function toColumns({ client, subject, variant }: TokenKey): KeyColumns {
  return {
    client: escaped(client),
    subject: escaped(subject),
    variant: variant === undefined ? null : escaped(variant),
  };
}

/** The key that was kept. */
export function fromColumns({ client, subject, variant }: KeyColumns): TokenKey {
  return {
    client: unescaped(client),
    subject: unescaped(subject),
    ...(variant !== null && { variant: unescaped(variant) }),
  };
}

/** The primary key of a key: of one length, since an index takes no long texts. */
export function keyId(key: TokenKey): Buffer {
  const { client, subject, variant } = toColumns(key);
  return textId(joinKey({ client, subject, ...(variant !== null && { variant }) }));
}

/** The primary key of a text. */
export function textId(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * A key as the payloads of notifications, in ASCII: one for nearly every key; several for one that
 * is too long, since a deleted row could not be asked for it.
 *
 * @param write - What tells this write from all others: 16 hexadecimal digits.
 */
export function toPayloads({ client, subject, variant }: TokenKey, write: string): string[] {
  const parts = [client, subject, ...(variant === undefined ? [] : [variant])];
  const text = JSON.stringify(parts).replace(NOT_ASCII, (unit) => `\\u${hex(unit)}`);
  if (text.length <= PART_LENGTH) return [`${write}:${text}`];
  const count = Math.ceil(text.length / PART_LENGTH);
  return Array.from({ length: count }, (_, index) => {
    const part = text.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH);
    return `${write}/${index}/${count}:${part}`;
  });
}

/** Puts the payloads of keys together again; those of one write come one after the other. */
export class PayloadReader {
  #write = '';
  #parts: string[] = [];

  /** The key, once it is whole, and its write. What somebody else has sent is none. */
  read(payload: string): { key: TokenKey; write: string } | undefined {
    const [, write = '', index = '0', count = '1', part = ''] = PAYLOAD.exec(payload) ?? [];
    if (index === '0') [this.#write, this.#parts] = [write, []];
    if (write !== this.#write || Number(index) !== this.#parts.length) return undefined;
    this.#parts.push(part);
    if (this.#parts.length < Number(count)) return undefined;
    const text = this.#parts.join('');
    [this.#write, this.#parts] = ['', []];
    const key = parsed(text);
    return key && { key, write };
  }
}

function parsed(text: string): TokenKey | undefined {
  try {
    const parts = JSON.parse(text) as unknown[];
    const [client, subject, variant] = parts;
    if (typeof client !== 'string' || typeof subject !== 'string') return undefined;
    return { client, subject, ...(typeof variant === 'string' && { variant }) };
  } catch {
    // Not ours: anyone who may connect may notify.
    return undefined;
  }
}

function unescaped(text: string): string {
  return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function hex(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, '0');
}
