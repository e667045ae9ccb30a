import { retry, throwError, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { ExchangeFailure } from './exchange-failure.js';
import type { ToldAcquisition } from './telemetry.js';

const MAX_TRIES = 4;
const BACKOFF_MS = 100;

/** What the retries of one exchange share. */
export interface ExchangeAttempts {
  /** How many times the request was sent. */
  count: number;
  /** Whether the server may have acted on a request whose answer never came. */
  unsure: boolean;
  /** The status of an answer that may hold a token, good or not: what was sent is spent then. */
  answered?: number;
  /** The acquisition that it is part of, where telemetry is told of it. */
  readonly told?: ToldAcquisition | undefined;
}

/**
 * Sends a failed exchange again where that is right: a request that was never sent, after a pause
 * that grows; one whose answer was lost, once and at once; a throttled one after the time that the
 * server asks for; all of it only while patience lasts.
 *
 * @param patienceMs - Milliseconds after which no new try is begun.
 */
export function retryExchange<T>(
  attempts: ExchangeAttempts,
  options: { readonly repeatable: boolean; readonly patienceMs: number },
): MonoTypeOperatorFunction<T> {
  const until = performance.now() + options.patienceMs;
  const pauseAfter = (failure: ExchangeFailure): number | undefined => {
    switch (failure.kind) {
      case 'never_sent':
        return BACKOFF_MS * 2 ** (attempts.count - 1) * (0.5 + Math.random() / 2);
      case 'throttled':
        return (failure.error.retryAfter ?? 1) * 1000;
      case 'maybe_received': {
        const first = options.repeatable && !attempts.unsure;
        attempts.unsure = true;
        return first ? 0 : undefined;
      }
      case 'final':
        return undefined;
    }
  };
  return retry({
    delay: (failure: unknown) => {
      const pause = failure instanceof ExchangeFailure ? pauseAfter(failure) : undefined;
      const inTime = pause !== undefined && performance.now() + pause < until;
      const again = inTime || (pause === 0 && options.repeatable);
      return again && attempts.count < MAX_TRIES ? timer(pause) : throwError(() => failure);
    },
  });
}
