import { LeaseTimeoutError } from '../errors/store.errors.js';
import type { RefreshContext } from '../compliance/refresh.interceptor.js';
import type { TokenRecord } from '../protocol/token-record.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Lease } from '../store/token-store.js';
import type { ExchangeAttempts } from './exchange-retry.js';
import type { GrantBinding } from './grant-binding.js';
import type { TokenRequestOptions } from './grant-request.js';

/** What a renewal is asked for: no demand is the ordinary one, a token that is not expired. */
export interface TokenDemand {
  /** A token that the API refused: any other will do. */
  readonly rejected?: TokenSet;
  /** A version that is to be replaced, expired or not; `undefined` inside is: no token. */
  readonly replacing?: { readonly version: string | undefined };
  /** How the request is sent otherwise than the client is configured. */
  readonly options?: TokenRequestOptions;
}

/** One renewal under way, as the stages of the pipe hand it on. */
export interface RenewalRun {
  readonly binding: GrantBinding;
  readonly demand: TokenDemand;
  readonly startedAt: number;
  readonly attempts: ExchangeAttempts;
}

/** A renewal that holds the lease; `lease` is missing where a machine grant does without. */
export interface LeasedRun extends RenewalRun {
  readonly lease: Lease | undefined;
  readonly abandoned: boolean;
  /** When the lease was granted, in milliseconds of `performance.now()`. */
  readonly heldAt: number;
  /** The record of the grant as it stood when the lease was granted. */
  readonly record: TokenRecord | undefined;
}

/** A renewal whose answer was judged good and merged with what was there. */
export interface RenewedRun extends LeasedRun {
  readonly token: TokenSet;
  readonly previous: TokenSet | undefined;
  /** Whether it was the first token rather than a renewal. */
  readonly first: boolean;
}

/** Why a token that meets the demand is acquired. */
export function reasonOf({ rejected, replacing }: TokenDemand): RefreshContext['reason'] {
  return rejected ? 'rejected' : replacing ? 'forced' : 'needed';
}

/** What interceptors are told of a renewal. */
export function contextOf({ binding, demand }: RenewalRun): RefreshContext {
  const { client, subject } = binding;
  return { client, subject, reason: reasonOf(demand) };
}

/** Somebody else has changed the grant in the middle of a renewal, which is to begin again. */
export class Overtaken extends Error {}

/** How often a renewal that somebody else overtook begins again. */
export const MAX_OVERTAKEN = 3;

/** The error of a renewal that was overtaken too often. */
export function restless({ client, subject }: GrantBinding): LeaseTimeoutError {
  return new LeaseTimeoutError({
    client,
    subject,
    problem: `The token was set by others ${MAX_OVERTAKEN + 1} times while it was renewed.`,
    remedy: 'Look who sets it that often, and whether it has expired already then.',
  });
}
