import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { connectionRemedy } from './connection-remedy.js';
import type { ConnectionFailure } from './server-connection.js';

/**
 * How a failed exchange is to be taken: `never_sent`: the server cannot have seen it;
 * `maybe_received`: it may have acted on it; `throttled`: it wants us to wait; `final`: it has
 * decided, and the same request again is of no use.
 */
export type FailureKind = 'never_sent' | 'maybe_received' | 'throttled' | 'final';

/** A token request that failed, and how to take it; what users see is {@link ExchangeFailure.error}. */
export class ExchangeFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly error: TokenEndpointError,
  ) {
    super(error.message);
  }
}

/** What is known of an answer that is no token. */
export interface FailedAnswer {
  readonly status: number;
  readonly error?: string | undefined;
  readonly errorDescription?: string | undefined;
  readonly errorUri?: string | undefined;
  readonly nature?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly excerpt?: string | undefined;
}

/** The failure that an answer of the token endpoint amounts to. RFC 6749, section 5.2. */
export function exchangeFailure(
  who: { readonly client: string; readonly subject: string | undefined },
  answer: FailedAnswer,
): ExchangeFailure {
  const kind = kindOf(answer);
  const what = answer.error === undefined ? natureOf(answer) : `error "${clean(answer.error)}"`;
  return new ExchangeFailure(
    kind,
    new TokenEndpointError({
      ...who,
      endpoint: 'token',
      problem: `The token endpoint answered ${answer.status} with ${what}.`,
      remedy: remedyOf(kind, answer),
      error: answer.error,
      errorDescription: answer.errorDescription,
      errorUri: answer.errorUri,
      status: answer.status,
      retryAfter: answer.retryAfter,
      excerpt: answer.excerpt,
    }),
  );
}

/** The failure that a connection without an answer, or with an unreadable one, amounts to. */
export function connectionFailure(
  who: { readonly client: string; readonly subject: string | undefined },
  failure: ConnectionFailure,
): ExchangeFailure {
  const answered = failure.status === undefined ? 'gave' : `answered ${failure.status} with`;
  return new ExchangeFailure(
    failure.kind === 'unreadable' ? 'final' : failure.kind,
    new TokenEndpointError({
      ...who,
      endpoint: 'token',
      problem: `The token endpoint ${answered} ${failure.message}.`,
      remedy: connectionRemedy(
        failure,
        'Check tokenEndpoint (or issuer), transport and the network.',
      ),
      status: failure.status,
      cause: failure,
    }),
  );
}

function natureOf({ nature, excerpt }: FailedAnswer): string | undefined {
  return excerpt === undefined ? nature : `${nature}: "${excerpt}"`;
}

function kindOf({ status, error, retryAfter }: FailedAnswer): FailureKind {
  if (status === 429 || (status === 503 && retryAfter !== undefined)) return 'throttled';
  const unsure = error === 'temporarily_unavailable' || error === 'server_error';
  return status >= 500 || unsure ? 'maybe_received' : 'final';
}

function remedyOf(kind: FailureKind, { status, error, retryAfter }: FailedAnswer): string {
  if (kind === 'throttled') return `Try again in ${retryAfter ?? 'some'} s.`;
  if (kind === 'maybe_received') return 'Try again later; the stored token is untouched.';
  if (status >= 300 && status < 400)
    return 'Token requests follow no redirect: mend tokenEndpoint.';
  if (error === 'invalid_client') return 'Check clientId, clientSecret and clientAuthentication.';
  return 'Check how the client is registered there, and tokenEndpoint.';
}

function clean(error: string): string {
  return error.replace(/[^\x21-\x7e]/g, ' ').slice(0, 100);
}
