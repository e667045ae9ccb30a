import { ScopeMismatchError } from '../protocol/scope-mismatch.error.js';
import { scopeWords } from '../protocol/scope-words.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { GrantBinding } from './grant-binding.js';
import type { TokenEventBus } from './token-events.js';

type ScopeSettings = Pick<ClientSettings, 'scopePolicy'>;

/**
 * Compares what was granted with what was asked for, and does about it what the client's policy
 * says; called once the token is stored. RFC 6749, section 3.3.
 */
export function judgeScope(
  { settings, events, clock }: { settings: ScopeSettings; events: TokenEventBus; clock: Clock },
  binding: GrantBinding,
  token: TokenSet,
): void {
  const { missing, additional } = token;
  if (settings.scopePolicy === 'ignore' || (missing.length === 0 && additional.length === 0))
    return;
  const { fingerprint } = token;
  events.emit(binding.key, {
    type: 'scope_changed',
    at: clock.now(),
    fingerprint,
    missing,
    additional: scopeWords(additional, token),
  });
  withScope(settings, binding, token);
}

/** The token, when the client's policy lets it be used. */
export function withScope(
  settings: ScopeSettings,
  { client, subject }: GrantBinding,
  token: TokenSet,
): TokenSet {
  if (!refusesScope(settings, token)) return token;
  throw new ScopeMismatchError(client, subject, token);
}

/** Whether a token is of no use to a client with this policy. On the way of every call. */
export function refusesScope({ scopePolicy }: ScopeSettings, token: TokenSet): boolean {
  if (scopePolicy !== 'missing' && scopePolicy !== 'strict') return false;
  if (token.missing.length > 0) return true;
  return scopePolicy === 'strict' && token.additional.length > 0;
}
