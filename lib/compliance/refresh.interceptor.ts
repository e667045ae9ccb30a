import { defer, isObservable, map, throwIfEmpty, type Observable } from 'rxjs';
import { HandlerError } from '../errors/configuration.errors.js';
import { TokenSet } from '../protocol/token-set.js';

/** Which acquisition of a token is intercepted, and why it takes place. */
export interface RefreshContext {
  /** The client, as it is registered. */
  readonly client: string;
  /** Whose token; `''` is the client itself. */
  readonly subject: string;
  /**
   * `needed`: there is no token, or it has expired; `rejected`: the API refused it; `forced`: the
   * application asked for a new one, or brings what the user has handed over (a code, a password, a
   * device code, a fragment).
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
 * A renewal is wrapped once for all who wait for it, the exchange of a code or password once, and
 * the whole asking of a device authorization. Subscribing to the exchange of a code again sends a
 * code that is spent.
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
  readonly #interceptors: { readonly name: string; readonly own: RefreshInterceptor }[] = [];

  /** Whether there is an interceptor at all. */
  get any(): boolean {
    return this.#interceptors.length > 0;
  }

  /**
   * Adds an interceptor, innermost.
   *
   * @param name - What errors call it.
   */
  add(name: string, own: RefreshInterceptor): void {
    this.#interceptors.push({ name, own });
  }

  /** The acquisition with every interceptor around it. */
  around(context: RefreshContext, acquisition: () => Observable<TokenSet>): Observable<TokenSet> {
    const outermost = this.#interceptors.reduceRight<RefreshHandler>(
      (next, { name, own }) => ({
        handle: () => judged(name, context, () => own.intercept(context, next)),
      }),
      { handle: acquisition },
    );
    return outermost.handle();
  }
}

/** What an interceptor brings, or the error that says that it is no token. */
function judged(
  name: string,
  { client, subject }: RefreshContext,
  intercept: () => unknown,
): Observable<TokenSet> {
  const useless = (what: string) =>
    new HandlerError({
      client,
      subject,
      problem: `The refresh interceptor ${name} ${what}.`,
      remedy: 'Return what next.handle() brings, or another Observable of a TokenSet.',
    });
  return defer(() => {
    const stream = intercept();
    if (isObservable(stream) || stream instanceof Promise) return stream as Observable<unknown>;
    throw useless('returned no Observable');
  }).pipe(
    throwIfEmpty(() => useless('ended without a token')),
    map((token) => {
      if (token instanceof TokenSet) return token;
      throw useless('brought something that is no TokenSet');
    }),
  );
}
