import { parseUrl } from './url.js';

const PATTERN = /^(\*\.)?(\[[\da-f:.]+\]|[^\s/?#@*:[\]\\%]+)(?::(\d{1,5}))?$/i;
/** An IPv6 address as it is often written: without the brackets of a URL. */
const BARE_IPV6 = /^[\da-f.]*:[\da-f.]*:[\da-f:.]*$/i;
const DEFAULT_PORTS: Record<string, string> = { 'https:': '443', 'http:': '80' };

interface HostPattern {
  readonly host: string;
  readonly below: boolean;
  readonly port: string | undefined;
}

/** Whether a text names hosts: `login.internal`, `*.example.com`, `10.0.0.5:8443`, `[fd00::1]`. */
export function isHostPattern(text: string): boolean {
  return patternOf(text) !== undefined;
}

/**
 * Hosts that are trusted by name: exact ones, and patterns with one leading wildcard label
 * (`*.example.com`, which matches any host below, not `example.com`); with a port, that one alone.
 */
export class AllowedHosts {
  readonly #patterns: readonly HostPattern[];

  constructor(hosts: Iterable<string>) {
    this.#patterns = [...hosts].flatMap((host) => patternOf(host) ?? []);
  }

  /** Whether the host of a URL is among them. */
  allows({ hostname, port, protocol }: URL): boolean {
    const actual = port === '' ? DEFAULT_PORTS[protocol] : port;
    return this.#patterns.some(
      (pattern) =>
        (pattern.port === undefined || pattern.port === actual) &&
        (pattern.below
          ? hostname.endsWith(`.${pattern.host}`) && hostname.length > pattern.host.length + 1
          : hostname === pattern.host),
    );
  }
}

function patternOf(text: string): HostPattern | undefined {
  const [, wildcard, name, port] = PATTERN.exec(BARE_IPV6.test(text) ? `[${text}]` : text) ?? [];
  if (name === undefined || Number(port ?? 1) > 65_535 || Number(port ?? 1) === 0) return undefined;
  const host = parseUrl(`https://${name}/`)?.hostname;
  if (host === undefined || host === '') return undefined;
  const below = wildcard !== undefined;
  // No address has hosts below it.
  if (below && /^\[|^[\d.]+$/.test(host)) return undefined;
  return { host, below, port: port === undefined ? undefined : String(Number(port)) };
}
