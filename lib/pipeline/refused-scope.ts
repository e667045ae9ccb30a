import type { AxiosResponse } from 'axios';
import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { parseChallenges } from '../protocol/challenge.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientSettings, RequestSettings } from './client-settings.js';
import type { GrantBinding } from './grant-binding.js';

/** Whose token was refused, and what it was good for. */
interface Refusal {
  readonly client: string;
  readonly subject: string;
  readonly granted: readonly string[];
  readonly scope: readonly string[];
  /** The `WWW-Authenticate` header, as it came. */
  readonly challenge: string;
}

/** What one part of a scope may be made of. RFC 6749, section 3.3. */
const SCOPE_PART = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/;
/** More than that, no API asks for at once. */
const MAX_PARTS = 50;

const refusals = new WeakMap<object, Refusal>();

/** Whether an answer is one by which an API can say that the scope does not do. */
export function isRefusal({ status }: { readonly status: number }): boolean {
  return status === 403 || status === 401;
}

/** Keeps whose token an API refused, for as long as there is the answer. A user's alone. */
export function rememberRefusal(
  response: AxiosResponse,
  settings: RequestSettings & Partial<Pick<ClientSettings, 'scope'>>,
  { client, subject, variant }: GrantBinding,
  token: TokenSet,
): void {
  const challenge: unknown = response.headers['www-authenticate'];
  if (typeof challenge !== 'string' || !settings.actsForUsers) return;
  const { scope: granted } = token;
  const scope = variant?.scope ?? settings.scope ?? [];
  refusals.set(response, { client, subject, granted, scope, challenge });
}

/** The same of an answer that was made from another. */
export function passRefusalOn(from: object, to: object): void {
  const refusal = refusals.get(from);
  if (refusal) refusals.set(to, refusal);
}

/**
 * The need for the user's consent behind what a call threw or answered: an error that says so
 * itself, or an API's answer 403 or 401 with `error="insufficient_scope"` to a session's request,
 * as the error of axios or as the `Response` of `fetch`. RFC 6750, section 3.1. `missing` holds
 * what the API asks for beyond what was granted; it is empty where the API does not name it.
 *
 * @param failure - What was caught, or the `Response`.
 * @returns The error to throw instead; `undefined` for anything else.
 *
 * @example
 * ```ts
 * const response = await github.for(userId).fetch('/user/emails');
 * const required = authorizationRequiredBy(response);
 * if (required) throw required;
 * ```
 */
export function authorizationRequiredBy(failure: unknown): AuthorizationRequiredError | undefined {
  if (failure instanceof AuthorizationRequiredError) return failure;
  if (typeof failure !== 'object' || failure === null) return undefined;
  const refusal = refusals.get(failure) ?? refusalOf(failure);
  const needed = refusal && neededScope(refusal.challenge);
  if (!refusal || !needed) return undefined;
  const { client, subject, granted, scope } = refusal;
  const beyond = needed.filter((part) => !granted.includes(part));
  return new AuthorizationRequiredError({
    client,
    subject,
    scope,
    // What counts as granted may be our guess, where the server never said; the API knows better.
    missing: beyond.length > 0 ? beyond : needed,
    reason: 'insufficient_scope',
    problem: 'The API says that the granted scope does not do.',
    remedy: 'Send the user to the authorization request again, with the missing scope.',
    cause: failure instanceof Error ? failure : undefined,
  });
}

function refusalOf(failure: object): Refusal | undefined {
  const { response } = failure as { response?: unknown };
  return typeof response === 'object' && response !== null ? refusals.get(response) : undefined;
}

/** What the API asks for; nothing where it gives another reason. RFC 6750, section 3; RFC 9449, 7.1. */
function neededScope(header: string): readonly string[] | undefined {
  const challenge = parseChallenges(header).find(
    ({ scheme, parameters: { error } }) =>
      (scheme === 'bearer' || scheme === 'dpop') && error === 'insufficient_scope',
  );
  if (!challenge) return undefined;
  const parts = (challenge.parameters['scope'] ?? '').split(' ');
  return [...new Set(parts.filter((part) => SCOPE_PART.test(part)))].slice(0, MAX_PARTS);
}
