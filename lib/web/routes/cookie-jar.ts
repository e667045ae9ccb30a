import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestView } from './request.view.js';

/** The characters of a cookie that need no quoting, and mean nothing in a header. RFC 6265, 4.1.1. */
const VALUE = /^[\w.~-]*$/;
const MAX_VALUE = 4096;

/**
 * The cookies of one request, and those that its answer sets. All of them are for this host alone,
 * on every path, out of the reach of scripts; over https, as `__Host-`, no other host can set them.
 */
export class CookieJar {
  readonly #sent: ReadonlyMap<string, string>;
  readonly #lines = new Map<string, string>();
  readonly #values = new Map<string, string | undefined>();
  readonly #isSecure: boolean;

  /**
   * @param isSecure - Whether browsers reach the application by https.
   */
  constructor(view: RequestView, isSecure: boolean) {
    this.#sent = sentCookies(view.header('cookie') ?? '');
    this.#isSecure = isSecure;
  }

  /** A value: what this answer sets, or else what was sent, once and well-formed. */
  get(name: string): string | undefined {
    const full = this.#full(name);
    return this.#values.has(full) ? this.#values.get(full) : this.#sent.get(full);
  }

  /** The cookies whose names begin so: what follows in the name, and the value. */
  startingWith(prefix: string): [rest: string, value: string][] {
    const full = this.#full(prefix);
    const names = new Set([...this.#sent.keys(), ...this.#values.keys()]);
    return [...names].flatMap((name): [string, string][] => {
      if (!name.startsWith(full)) return [];
      const rest = name.slice(full.length);
      const value = this.get(prefix + rest);
      return value === undefined ? [] : [[rest, value]];
    });
  }

  /**
   * @param maxAgeSeconds - Until the browser is closed when left out.
   */
  set(name: string, value: string, maxAgeSeconds?: number): void {
    this.#put(name, value, maxAgeSeconds);
  }

  delete(name: string): void {
    this.#put(name, undefined, 0);
  }

  /** What the answer is to carry, each a `Set-Cookie` of its own. */
  get lines(): Iterable<string> {
    return this.#lines.values();
  }

  #put(name: string, value: string | undefined, maxAgeSeconds: number | undefined): void {
    const full = this.#full(name);
    this.#values.set(full, value);
    const attributes = [
      `${full}=${value ?? ''}`,
      'Path=/',
      'HttpOnly',
      'SameSite=Lax',
      ...(this.#isSecure ? ['Secure'] : []),
      ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
    ];
    this.#lines.set(full, attributes.join('; '));
  }

  #full(name: string): string {
    return this.#isSecure ? `__Host-${name}` : name;
  }
}

/** A name that came twice is one that somebody else may have set: neither value counts. */
function sentCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  const twice = new Set<string>();
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    if (cookies.has(name)) twice.add(name);
    cookies.set(name, VALUE.test(value) && value.length <= MAX_VALUE ? value : '');
  }
  for (const name of twice) cookies.delete(name);
  return cookies;
}

const current = new AsyncLocalStorage<CookieJar>();

/** Makes the jar known to what the routes call. */
export function withJar<T>(jar: CookieJar, work: () => T): T {
  return current.run(jar, work);
}

/** The jar of the request that is answered by the routes, if any is. */
export function currentJar(): CookieJar | undefined {
  return current.getStore();
}
