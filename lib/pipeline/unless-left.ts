import { Observable } from 'rxjs';

/** What a promise brings, to who still waits for it; what comes too late is let go. */
export function unlessLeft<T>(ask: () => Promise<T>, letGo: (late: T) => void): Observable<T> {
  return new Observable((waiting) => {
    const come = (value: T) => {
      if (waiting.closed) return letGo(value);
      waiting.next(value);
      waiting.complete();
    };
    ask().then(come, (error: unknown) => waiting.error(error));
  });
}
