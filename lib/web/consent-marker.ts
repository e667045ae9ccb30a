import { createHash } from 'node:crypto';
import type { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import type { CookieJar } from './routes/cookie-jar.js';

const NAME = 'oauth-asked';
/** How long a user is not sent for the same consent again, in seconds. */
const SECONDS = 300;
/** The same once it was given: until the request that needed it is answered, at the end of the way. */
const GIVEN_SECONDS = 60;
const MAX_MARKS = 8;
const MARKS = /^[\w-]{12}(\.[\w-]{12}){0,7}$/;

/**
 * Remembers, in the browser and for a short while, for which consent the user was sent away: one who
 * comes back without it is shown a page, and not sent round in circles. Worth nothing to who
 * forges it: at most a redirect becomes a page with a link.
 */
export class ConsentMarker {
  readonly #jar: CookieJar;
  readonly #mark: string;

  constructor(jar: CookieJar, { client, subject, missing }: AuthorizationRequiredError) {
    this.#jar = jar;
    const about = JSON.stringify([client, subject, [...missing].sort()]);
    this.#mark = createHash('sha256').update(about).digest('base64url').slice(0, 12);
  }

  /** Whether the user was sent for it already, or for too much else. */
  get isSpent(): boolean {
    const marks = this.#marks();
    return marks.includes(this.#mark) || marks.length >= MAX_MARKS;
  }

  /** The user is sent for it now. */
  set(): void {
    this.#jar.set(NAME, [...this.#marks(), this.#mark].join('.'), SECONDS);
  }

  /** The user was shown a page: from here on, it is theirs to go again. */
  clear(): void {
    const rest = this.#marks().filter((mark) => mark !== this.#mark);
    if (rest.length === 0 || rest.length >= MAX_MARKS) this.#jar.delete(NAME);
    else this.#jar.set(NAME, rest.join('.'), SECONDS);
  }

  #marks(): string[] {
    const value = this.#jar.get(NAME) ?? '';
    return MARKS.test(value) ? value.split('.') : [];
  }
}

/**
 * The user has connected an account. What they were sent for counts until they are back, or else a
 * consent that did not help would be asked for without end; and no longer, since they may lose it.
 */
export function consentGiven(jar: CookieJar): void {
  const marks = jar.get(NAME) ?? '';
  if (MARKS.test(marks)) jar.set(NAME, marks, GIVEN_SECONDS);
}

/** The user has given up an account: whatever they are sent for from here on is new to them. */
export function consentsEnded(jar: CookieJar): void {
  if (jar.get(NAME) !== undefined) jar.delete(NAME);
}
