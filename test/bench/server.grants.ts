import { AUTHORIZATION } from './resource.js';
import type { Counts, Tokens } from './server.messages.js';

interface Grant {
  refreshToken: string;
  accessToken: string;
  isOver: boolean;
}

/** Who may do what: rotation with every refresh, and the end of a grant whose token comes twice. */
export class Grants {
  lifetimeSeconds = 3600;
  readonly #ends = new Map<string, number>();
  readonly #grants = new Map<string, Grant>();
  #count = 0;
  #counts = { tokenRequests: 0, reused: 0, admitted: 0, refused: 0 };

  /** Tokens of so many new grants. */
  issue(count: number): readonly Tokens[] {
    return Array.from({ length: count }, () =>
      this.#next({ refreshToken: '', accessToken: '', isOver: false }),
    );
  }

  /** Whether a call is let in. */
  admits(authorization: string | undefined): boolean {
    const admitted =
      authorization === AUTHORIZATION || (this.#ends.get(authorization ?? '') ?? 0) > Date.now();
    this.#counts[admitted ? 'admitted' : 'refused'] += 1;
    return admitted;
  }

  /** What the token endpoint says. */
  answer(params: URLSearchParams): Tokens | { error: string } {
    this.#counts.tokenRequests += 1;
    if (params.get('grant_type') === 'client_credentials') return this.issue(1)[0]!;
    const sent = params.get('refresh_token') ?? '';
    const grant = this.#grants.get(sent);
    if (grant && grant.refreshToken !== sent) {
      this.#counts.reused += 1;
      grant.isOver = true;
      this.#ends.delete(`Bearer ${grant.accessToken}`);
    }
    return !grant || grant.isOver ? { error: 'invalid_grant' } : this.#next(grant);
  }

  endAccess(): null {
    this.#ends.clear();
    return null;
  }

  counts(): Counts {
    const counts = this.#counts;
    this.#counts = { tokenRequests: 0, reused: 0, admitted: 0, refused: 0 };
    return counts;
  }

  #next(grant: Grant): Tokens {
    this.#count += 1;
    this.#ends.delete(`Bearer ${grant.accessToken}`);
    grant.accessToken = `access-${this.#count}`.padEnd(64, 'x');
    grant.refreshToken = `refresh-${this.#count}`.padEnd(64, 'x');
    this.#ends.set(`Bearer ${grant.accessToken}`, Date.now() + this.lifetimeSeconds * 1000);
    this.#grants.set(grant.refreshToken, grant);
    return {
      access_token: grant.accessToken,
      token_type: 'Bearer',
      expires_in: this.lifetimeSeconds,
      refresh_token: grant.refreshToken,
    };
  }
}
