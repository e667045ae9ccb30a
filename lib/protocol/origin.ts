import { parseUrl } from './url.js';

const PATTERN = /^(https?:\/\/)(\*\.)?([^/?#@*\s]+)\/?$/i;

/** Whether a text is an origin, or a pattern of origins with one leading wildcard label. */
export function isOriginPattern(text: string): boolean {
  const [, scheme, , host] = PATTERN.exec(text) ?? [];
  return host !== undefined && parseUrl(`${scheme}${host}`) !== undefined;
}

/**
 * Where a token may go: exact origins (`https://api.example.com`) and patterns with one leading
 * wildcard label (`https://*.example.com`, which matches any host below, not `example.com`).
 */
export class AllowedOrigins {
  readonly #exact: ReadonlySet<string>;
  readonly #suffixes: readonly { protocol: string; suffix: string; port: string }[];

  constructor(origins: Iterable<string>) {
    const exact = new Set<string>();
    const suffixes: { protocol: string; suffix: string; port: string }[] = [];
    for (const origin of origins) {
      const url = new URL(origin.replace('://*.', '://'));
      if (!origin.includes('://*.')) exact.add(url.origin);
      else suffixes.push({ protocol: url.protocol, suffix: `.${url.hostname}`, port: url.port });
    }
    this.#exact = exact;
    this.#suffixes = suffixes;
  }

  /** How many origins and patterns are allowed. */
  get size(): number {
    return this.#exact.size + this.#suffixes.length;
  }

  /** Whether the token may go to this URL. */
  allows(url: URL): boolean {
    // The origin of a `blob:` address is the one that it was made at.
    if (this.#exact.has(url.origin)) return /^https?:$/.test(url.protocol);
    return this.#suffixes.some(
      ({ protocol, suffix, port }) =>
        url.protocol === protocol &&
        url.port === port &&
        url.hostname.endsWith(suffix) &&
        url.hostname.length > suffix.length,
    );
  }
}
