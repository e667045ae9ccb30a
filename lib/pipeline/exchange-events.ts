import { AuthorizationResponseError } from '../errors/authorization.errors.js';
import { TokenEndpointError } from '../errors/endpoint.errors.js';
import type { ClientParts } from './client-parts.js';
import { ExchangeFailure } from './exchange-failure.js';
import type { GrantBinding } from './grant-binding.js';
import { errorWord } from './token-events.js';

/** Tells that a code, a password or a device code brought no token. */
export function exchangeFailed(
  { events, clock }: Pick<ClientParts, 'events' | 'clock'>,
  { key }: GrantBinding,
  failure: unknown,
  { startedAt, attempts }: { readonly startedAt: number; readonly attempts: number },
): void {
  const isDecided = failure instanceof ExchangeFailure && failure.kind === 'final';
  events.emit(key, {
    type: 'fetch_failed',
    at: clock.now(),
    durationMs: Math.round(performance.now() - startedAt),
    attempts,
    error: errorWord(failure instanceof ExchangeFailure ? failure.error : failure),
    // Of a device code: the server has decided, the user has refused, or it has ended.
    final:
      isDecided ||
      failure instanceof TokenEndpointError ||
      failure instanceof AuthorizationResponseError,
  });
}
