import { JwtBearerGrant, type JwtBearerGrantOptions } from '../pipeline/jwt-bearer.grant.js';
import { FixedGrant, type TokenGrant } from '../pipeline/token-grant.js';
import type { Grant } from './oauth-client.options.js';

/** A grant as the pipeline needs it. */
export interface ResolvedGrant {
  readonly grant: string;
  readonly ownGrant: TokenGrant | undefined;
  readonly actsForUsers: boolean;
}

/** The grants that need a user, or what a user has handed over. */
export const USER_GRANTS: readonly string[] = [
  'authorization_code',
  'password',
  'implicit',
  'device_code',
];

/** What the `grant` option means. */
export function resolveGrant(grant: Grant = 'authorization_code'): ResolvedGrant {
  if (typeof grant === 'string') {
    const actsForUsers = USER_GRANTS.includes(grant);
    return {
      grant,
      actsForUsers,
      ownGrant: actsForUsers ? undefined : new FixedGrant({ type: grant }),
    };
  }
  const ownGrant = ownGrantOf(grant);
  return { grant: ownGrant.type, ownGrant, actsForUsers: false };
}

function ownGrantOf(grant: Exclude<Grant, string>): TokenGrant {
  if (isTokenGrant(grant)) return grant;
  return isJwtBearer(grant) ? new JwtBearerGrant(grant) : new FixedGrant(grant);
}

function isTokenGrant(grant: Exclude<Grant, string>): grant is TokenGrant {
  return typeof (grant as TokenGrant).params === 'function';
}

function isJwtBearer(grant: Exclude<Grant, string>): grant is JwtBearerGrantOptions {
  return grant.type === 'jwt_bearer';
}

/** The token endpoint that a service account's key file names. */
export function tokenUriOf(grant: unknown): string | undefined {
  const { type, keyFile } = (grant ?? {}) as Partial<JwtBearerGrantOptions>;
  return type === 'jwt_bearer' ? (keyFile?.token_uri ?? undefined) : undefined;
}
