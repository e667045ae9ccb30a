import { ConfigurationError } from '../errors/configuration.errors.js';
import type { TokenKey } from '../store/token-key.js';

/** What every key begins with unless `prefix` says otherwise. */
export const DEFAULT_PREFIX = 'oauth:';

const LEASE = '/lease';
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const ESCAPED_SURROGATE = /(%u[0-9A-F]{4})/;

/**
 * The names of keys. Everything of one client and subject has the same hash tag, and so lies in one
 * slot of a cluster:
 *
 * - `oauth:{client:subject}` the record of the grant,
 * - `oauth:{client:subject}:variant` the record of a variant,
 * - either with `/lease` after it: the leases on that record,
 * - `oauth:{client:subject}/variants` which variants there are,
 * - `oauth:request:hash` a pending authorization request,
 * - `oauth:changes` the channel of changes.
 *
 * Parts are percent-encoded, so that none can hold a brace, a colon, a slash or a line end, and
 * different keys never share a name.
 */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    if (/[{}]/.test(prefix)) {
      throw new ConfigurationError({
        problem: 'The prefix of the Redis keys holds a brace, which would move their hash tag.',
        remedy: 'Use a prefix without { and }.',
      });
    }
    this.#prefix = prefix;
  }

  /** The record. */
  record(key: TokenKey): string {
    return this.#prefix + nameOf(key);
  }

  /** The leases on a record. */
  lease(key: TokenKey): string {
    return this.record(key) + LEASE;
  }

  /** The variants of a grant. */
  variants({ client, subject }: TokenKey): string {
    return `${this.record({ client, subject })}/variants`;
  }

  /** A pending authorization request. */
  request(stateHash: string): string {
    return `${this.#prefix}request:${encode(stateHash)}`;
  }

  /** The channel of changes, under what the driver puts before keys: it leaves channels alone. */
  channel(keyPrefix: string): string {
    return `${keyPrefix}${this.#prefix}changes`;
  }

  /** The pattern of `SCAN` for the records of a client, or of a subject, or of all. */
  pattern(keyPrefix: string, query: { client?: string; subject?: string }): string {
    const start = (keyPrefix + this.#prefix).replace(/[\\*?[\]]/g, '\\$&');
    const client = query.client === undefined ? '*' : encode(query.client);
    const subject = query.subject === undefined ? '*' : encode(query.subject);
    return `${start}{${client}:${subject}}*`;
  }

  /** The key of a record's name, as `SCAN` says it; none of what is no record's name. */
  keyOf(keyPrefix: string, name: string): TokenKey | undefined {
    const start = keyPrefix + this.#prefix;
    return name.startsWith(start) ? parseName(name.slice(start.length)) : undefined;
  }
}

/** A key as one text without a prefix: what is published when it changes. */
export function nameOf({ client, subject, variant }: TokenKey): string {
  const grant = `{${encode(client)}:${encode(subject)}}`;
  return variant === undefined ? grant : `${grant}:${encode(variant)}`;
}

/** The opposite of {@link nameOf}; `undefined` for any other text. */
export function parseName(name: string): TokenKey | undefined {
  const match = /^\{([^{}:/]*):([^{}:/]*)\}(?::([^{}:/]*))?$/.exec(name);
  if (!match) return undefined;
  try {
    const [client, subject] = [decode(match[1]!), decode(match[2]!)];
    const key: TokenKey =
      match[3] === undefined ? { client, subject } : { client, subject, variant: decode(match[3]) };
    return nameOf(key) === name ? key : undefined;
  } catch {
    // Not encoded by us: somebody else's key.
    return undefined;
  }
}

/** Percent-encodes; also half a surrogate pair, which UTF-8 has no bytes for, and the asterisk. */
export function encode(text: string): string {
  return text
    .split(LONE_SURROGATE)
    .map((part) => encodeURIComponent(part).replaceAll('*', '%2A'))
    .reduce((all, part, index) => all + lone(text, index - 1) + part);
}

/** The opposite of {@link encode}. */
export function decode(text: string): string {
  return text
    .split(ESCAPED_SURROGATE)
    .map((part) =>
      ESCAPED_SURROGATE.test(part)
        ? String.fromCharCode(Number.parseInt(part.slice(2), 16))
        : decodeURIComponent(part),
    )
    .join('');
}

function lone(text: string, index: number): string {
  const unit = text.match(LONE_SURROGATE)![index]!.charCodeAt(0);
  return `%u${unit.toString(16).toUpperCase()}`;
}
