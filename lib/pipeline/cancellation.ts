import { CanceledError, type InternalAxiosRequestConfig } from 'axios';
import type { PatienceSignal } from './patience.js';

type Cancelable = Pick<InternalAxiosRequestConfig, 'signal' | 'cancelToken'>;

/** What ends a call before its time: its `signal`, its `cancelToken`, whichever comes first. */
export function cancellationOf({ signal, cancelToken }: Cancelable): PatienceSignal | undefined {
  if (!cancelToken) return signal;
  return {
    get aborted() {
      return cancelToken.reason !== undefined || signal?.aborted === true;
    },
    addEventListener: (type, listener) => {
      signal?.addEventListener?.(type, listener);
      cancelToken.subscribe(listener);
    },
    removeEventListener: (type, listener) => {
      signal?.removeEventListener?.(type, listener);
      cancelToken.unsubscribe(listener);
    },
  };
}

/** Throws where the caller has gone: nothing must be sent for them any more. */
export function demandNotCanceled(config: InternalAxiosRequestConfig): void {
  config.cancelToken?.throwIfRequested();
  if (config.signal?.aborted) throw new CanceledError(undefined, config);
}
