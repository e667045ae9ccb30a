/** What bounds a wait. */
export interface Patience {
  /** Milliseconds to wait at most; no bound of its own when left out or 0. */
  readonly timeoutMs?: number;
  /** Ends the wait when aborted. */
  readonly signal?: PatienceSignal;
}

/** As much of an `AbortSignal` as waiting needs. */
export interface PatienceSignal {
  readonly aborted: boolean;
  addEventListener?: (type: 'abort', listener: () => void) => void;
  removeEventListener?: (type: 'abort', listener: () => void) => void;
}

/**
 * Waits for a promise no longer than the patience lasts. The work behind the promise goes on.
 *
 * @param onEnd - Makes the error to throw when patience ends.
 */
export function waitWithin<T>(
  promise: Promise<T>,
  { timeoutMs = 0, signal }: Patience,
  onEnd: (why: 'timeout' | 'aborted') => Error,
): Promise<T> {
  if (timeoutMs <= 0 && !signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener?.('abort', onAbort);
      settle();
    };
    const onAbort = () => end(() => reject(onEnd('aborted')));
    const timer =
      timeoutMs > 0 ? setTimeout(() => end(() => reject(onEnd('timeout'))), timeoutMs) : undefined;
    // Heard in any case: what fails after patience has ended must not end the process.
    promise.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
    if (signal?.aborted) return onAbort();
    signal?.addEventListener?.('abort', onAbort);
  });
}
