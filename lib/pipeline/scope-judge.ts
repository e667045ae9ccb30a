import { ScopeMismatchError } from '../protocol/scope-mismatch.error.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientSettings } from './client-settings.js';
import type { Clock } from './clock.js';
import type { GrantBinding } from './grant-binding.js';
import type { TokenEventBus } from './token-events.js';

/**
 * Compares what was granted with what was asked for, and does about it what the client's policy
 * says; called once the token is stored. RFC 6749, section 3.3.
 */
export function judgeScope(
  { settings, events, clock }: { settings: ClientSettings; events: TokenEventBus; clock: Clock },
  binding: GrantBinding,
  token: TokenSet,
): void {
  const { missing, additional } = token;
  const policy = settings.scopePolicy;
  if (policy === 'ignore' || (missing.length === 0 && additional.length === 0)) return;
  events.emit(binding.key, { type: 'scope_changed', at: clock.now(), missing, additional });
  const refused = policy === 'strict' || (policy === 'missing' && missing.length > 0);
  if (refused) throw new ScopeMismatchError(binding.client, binding.subject, token);
}
