import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { LeaseTimeoutError } from '../errors/store.errors.js';
import { connectionCode } from './connection-code.js';
import { ExchangeFailure, type FailureKind } from './exchange-failure.js';
import { Overtaken } from './renewal-run.js';
import type { Ending } from './telemetry.js';

const REQUEST_OUTCOMES: Readonly<Record<FailureKind, string>> = {
  never_sent: 'unreachable',
  maybe_received: 'unanswered',
  throttled: 'throttled',
  final: 'refused',
};
/** The answers of a device authorization that goes on. RFC 8628, section 3.5. */
const PENDING: ReadonlySet<unknown> = new Set(['authorization_pending', 'slow_down']);
/** What may be a type: a code, not a text. */
const CODE = /^[\w.:-]{1,60}$/;
const ADDRESS = /:\/\/|@/;
const OTHER = '_OTHER';

/** What telemetry is told of a failure: nothing of what it came from but a code. */
export function failureEnding(failure: unknown): Ending {
  if (failure instanceof Overtaken) return { outcome: 'overtaken' };
  if (failure instanceof ExchangeFailure) {
    const { kind, error } = failure;
    if (PENDING.has(error.error)) return { outcome: 'pending', status: error.status };
    return { outcome: REQUEST_OUTCOMES[kind], ...about(error), status: error.status };
  }
  if (failure instanceof AuthorizationRequiredError) {
    const { reason: errorType } = failure;
    return { outcome: 'reauthorization_required', ...about(failure), errorType };
  }
  if (failure instanceof LeaseTimeoutError) return { outcome: 'timeout', ...about(failure) };
  if (failure instanceof OAuthClientError) return { outcome: 'failed', ...about(failure) };
  // An error of the application's own: what it says may be anything.
  return { outcome: 'failed', errorType: OTHER };
}

function about(error: OAuthClientError): Pick<Ending, 'errorType' | 'message'> {
  return { errorType: typeOf(error), message: isOurs(error) ? error.message : undefined };
}

/** Whether a message is ours from end to end: what a server wrote may name a user, or an address. */
function isOurs(error: OAuthClientError): boolean {
  const { error: code, excerpt } = error as { error?: unknown; excerpt?: unknown };
  const isCode = code === undefined || (typeof code === 'string' && CODE.test(code));
  return isCode && excerpt === undefined && !ADDRESS.test(error.message);
}

function typeOf(error: OAuthClientError): string {
  const { error: code } = error as { error?: unknown };
  if (typeof code === 'string') return CODE.test(code) ? code : OTHER;
  if (!(error instanceof TokenEndpointError)) return error.code;
  if (error.status !== undefined) return String(error.status);
  return connectionCode(error) ?? error.code;
}
