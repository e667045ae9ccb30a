import { randomBytes } from 'node:crypto';
import type { AuthorizationRequestStore } from '../../store/authorization-request-store.js';
import type { CookieJar } from './cookie-jar.js';

const NAME = 'oauth';
/** How many flows one browser may have under way. */
const MAX_FLOWS = 20;
const PARTS = /^[\w-]{43}(\.[\w-]{43}){0,20}$/;

/**
 * What ties flows to a browser: one cookie, whatever their number. It holds a random secret, and
 * the hashes of the states that are under way, so that the oldest can be dropped.
 */
export class BrowserCookie {
  readonly #jar: CookieJar;

  constructor(jar: CookieJar) {
    this.#jar = jar;
  }

  /** The secret of this browser; none where the cookie is missing, came twice, or is no such. */
  get secret(): string | undefined {
    return this.#parts()[0];
  }

  /** The secret, made where there is none. */
  demand(): string {
    const [secret, ...flows] = this.#parts();
    if (secret !== undefined) return secret;
    const made = randomBytes(32).toString('base64url');
    this.#write([made, ...flows]);
    return made;
  }

  /** Notes a flow that was begun; one too many costs the oldest. */
  async begun(stateHash: string, requests: AuthorizationRequestStore): Promise<void> {
    const [secret = this.demand(), ...flows] = this.#parts();
    const all = [...flows, stateHash];
    this.#write([secret, ...all.slice(-MAX_FLOWS)]);
    await drop(all.slice(0, -MAX_FLOWS), requests);
  }

  /** Notes that a flow has come to its end. */
  ended(stateHash: string): void {
    const [secret, ...flows] = this.#parts();
    if (secret === undefined || !flows.includes(stateHash)) return;
    this.#write([secret, ...flows.filter((flow) => flow !== stateHash)]);
  }

  /** Another secret, now that somebody has signed in: what was begun before leads nowhere. */
  async renew(requests: AuthorizationRequestStore): Promise<void> {
    const [, ...flows] = this.#parts();
    this.#write([randomBytes(32).toString('base64url')]);
    await drop(flows, requests);
  }

  #parts(): string[] {
    const value = this.#jar.get(NAME) ?? '';
    return PARTS.test(value) ? value.split('.') : [];
  }

  #write(parts: readonly string[]): void {
    this.#jar.set(NAME, parts.join('.'));
  }
}

/** What cannot be dropped now ends by its age: the user goes on all the same. */
async function drop(flows: readonly string[], requests: AuthorizationRequestStore): Promise<void> {
  await Promise.allSettled(flows.map(async (flow) => requests.take(flow)));
}
