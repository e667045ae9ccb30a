import { randomBytes } from 'node:crypto';
import type { FakeServerClock } from './fake-authorization-server.clock.js';
import type { FakeServerPolicy } from './fake-authorization-server.options.js';

/** One grant and all that descends from it. */
export interface Family {
  readonly id: string;
  readonly client: string;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  /** When the user signed in, in epoch seconds: every ID token of the grant says so. */
  readonly openedAt: number;
  revoked: boolean;
}

export interface AccessToken {
  readonly value: string;
  readonly family: Family;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly issuedAt: number;
  expiresAt: number;
  revoked: boolean;
}

export interface RefreshToken {
  readonly value: string;
  readonly family: Family;
  readonly issuedAt: number;
  readonly expiresAt: number;
  spentAt?: number;
}

/** Which access tokens a test means; both absent: all. */
export interface FakeTokenFilter {
  /** Only tokens of this client. */
  client?: string;
  /** Only tokens of this subject. */
  subject?: string;
}

/** A secret that is safe in URLs, so that tests find it as it is wherever it leaks. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(24).toString('base64url')}`;
}

/** The tokens that a `FakeAuthorizationServer` has issued. */
export class TokenLedger {
  readonly #families: Family[] = [];
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();

  constructor(
    private readonly clock: FakeServerClock,
    private readonly policy: FakeServerPolicy,
  ) {}

  openFamily(grant: Omit<Family, 'id' | 'openedAt' | 'revoked'>): Family {
    const { client, subject, scope, resource } = grant;
    const id = `family-${this.#families.length + 1}`;
    const openedAt = Math.floor(this.clock.now());
    const family = { id, client, subject, scope, resource, openedAt, revoked: false };
    this.#families.push(family);
    return family;
  }

  issueAccess(family: Family, scope: readonly string[], resource = family.resource): AccessToken {
    const issuedAt = this.clock.now();
    const expiresAt = issuedAt + this.policy.accessTokenSeconds;
    const value = newSecret('at');
    const token = { value, family, scope, resource, issuedAt, expiresAt, revoked: false };
    this.#access.set(value, token);
    return token;
  }

  issueRefresh(family: Family): RefreshToken {
    const issuedAt = this.clock.now();
    const expiresAt = issuedAt + this.policy.refreshTokenSeconds;
    const token = { value: newSecret('rt'), family, issuedAt, expiresAt };
    this.#refresh.set(token.value, token);
    return token;
  }

  access(value: string): AccessToken | undefined {
    return this.#access.get(value);
  }

  refresh(value: string): RefreshToken | undefined {
    return this.#refresh.get(value);
  }

  isLiveAccess(token: AccessToken): boolean {
    return !token.revoked && !token.family.revoked && this.clock.now() < token.expiresAt;
  }

  /** It would be accepted if it were spent now. */
  isLiveRefresh(token: RefreshToken): boolean {
    const now = this.clock.now();
    if (token.family.revoked || now >= token.expiresAt) return false;
    if (token.spentAt === undefined || this.policy.rotation !== 'strict') return true;
    return now < token.spentAt + this.policy.rotationGraceSeconds;
  }

  /** Marks it as spent; the time that counts is that of the first use. */
  spend(token: RefreshToken): void {
    token.spentAt ??= this.clock.now();
  }

  revokeFamily(id: string): void {
    const family = this.#families.find((one) => one.id === id);
    if (family) family.revoked = true;
  }

  /** Revokes the family of a refresh token, or all families of a subject; how many they were. */
  revokeFamilies(refreshTokenOrSubject: string): number {
    const family = this.#refresh.get(refreshTokenOrSubject)?.family;
    const all = this.#families.filter((one) => {
      return !one.revoked && (one === family || one.subject === refreshTokenOrSubject);
    });
    for (const one of all) one.revoked = true;
    return all.length;
  }

  expireAccess(filter: FakeTokenFilter): number {
    const now = this.clock.now();
    const tokens = this.#live(filter);
    for (const token of tokens) token.expiresAt = now;
    return tokens.length;
  }

  revokeAccess(filter: FakeTokenFilter): number {
    const tokens = this.#live(filter);
    for (const token of tokens) token.revoked = true;
    return tokens.length;
  }

  #live({ client, subject }: FakeTokenFilter): AccessToken[] {
    return [...this.#access.values()].filter((token) => {
      const { family } = token;
      if (client !== undefined && client !== family.client) return false;
      if (subject !== undefined && subject !== family.subject) return false;
      return this.isLiveAccess(token);
    });
  }
}
