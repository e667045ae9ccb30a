import { defer, type Observable } from 'rxjs';
import type { TokenSet } from '../protocol/token-set.js';

/** Which acquisition of a token is intercepted, and why it takes place. */
export interface RefreshContext {
  /** The client, as it is registered. */
  readonly client: string;
  /** Whose token; `''` is the client itself. */
  readonly subject: string;
  /**
   * `needed`: there is no token, or it has expired; `rejected`: the API refused it; `forced`: the
   * application asked for a new one.
   */
  readonly reason: 'needed' | 'rejected' | 'forced';
}

/** The rest of an acquisition, as a `CallHandler` is the rest of a request. */
export interface RefreshHandler {
  /** Goes on; subscribing again begins again. */
  handle(): Observable<TokenSet>;
}

/**
 * Wraps each acquisition of a token as a `NestInterceptor` wraps a handler: before, after, instead.
 *
 * @example
 * ```ts
 * @Injectable()
 * @InterceptRefresh('github')
 * class TimedRefresh implements RefreshInterceptor {
 *   intercept(context: RefreshContext, next: RefreshHandler): Observable<TokenSet> {
 *     const startedAt = Date.now();
 *     return next.handle().pipe(tap(() => console.log(context.client, Date.now() - startedAt)));
 *   }
 * }
 * ```
 */
export interface RefreshInterceptor {
  /** Returns the token that the callers get, usually what `next.handle()` brings. */
  intercept(context: RefreshContext, next: RefreshHandler): Observable<TokenSet>;
}

/** The interceptors of one client, the first one outermost. */
export class RefreshInterceptors {
  readonly #interceptors: RefreshInterceptor[] = [];

  /** Adds an interceptor, innermost. */
  add(interceptor: RefreshInterceptor): void {
    this.#interceptors.push(interceptor);
  }

  /** The acquisition with every interceptor around it. */
  around(context: RefreshContext, acquisition: () => Observable<TokenSet>): Observable<TokenSet> {
    const outermost = this.#interceptors.reduceRight<RefreshHandler>(
      (next, interceptor) => ({ handle: () => defer(() => interceptor.intercept(context, next)) }),
      { handle: acquisition },
    );
    return outermost.handle();
  }
}
