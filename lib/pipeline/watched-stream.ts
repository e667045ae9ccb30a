import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';

type Consumer<T> = Partial<Observer<T>> | ((value: T) => void) | null | undefined;
/** Told of what a consumer threw. */
export type FaultOfConsumer = (fault: unknown) => void;

/**
 * A stream whose consumers watch and can break nothing: what one of them throws, which RxJS would
 * throw again as an uncaught exception and so end the process, is told once for each subscription
 * and goes no further. So is what an async one rejects with, and an error of the stream itself for
 * which nobody listens. That also holds behind operators.
 */
export class WatchedStream<T> extends Observable<T> {
  readonly #onFault: FaultOfConsumer;

  constructor(source: Observable<unknown>, onFault: FaultOfConsumer) {
    super();
    this.source = source;
    this.#onFault = onFault;
  }

  /** As of every observable: what operators are put behind it with. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new WatchedStream<R>(this, this.#onFault);
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(consumer?: Partial<Observer<T>> | ((value: T) => void)): Subscription;
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    consumer?: Consumer<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator, or what already contains its consumer, such as firstValueFrom().
    if (isSubscriber(consumer)) return super.subscribe(consumer);
    const given: Partial<Observer<T>> =
      typeof consumer === 'function' || consumer == null
        ? {
            ...(consumer && { next: consumer }),
            ...(error && { error }),
            ...(complete && { complete }),
          }
        : consumer;
    return super.subscribe(this.#contained(given));
  }

  #contained(given: Partial<Observer<T>>): Observer<T> {
    let isTold = false;
    const tell = (fault: unknown): void => {
      if (isTold) return;
      isTold = true;
      this.#onFault(fault);
    };
    const guarded = (work: () => unknown): void => {
      try {
        const result = work();
        // An async consumer, whose rejection would end the process, too.
        if (result instanceof Promise) result.catch(tell);
      } catch (fault) {
        tell(fault);
      }
    };
    return {
      next: (value) => guarded(() => given.next?.(value)),
      // What an operator behind the stream throws arrives here.
      error: (fault: unknown) => (given.error ? guarded(() => given.error?.(fault)) : tell(fault)),
      complete: () => guarded(() => given.complete?.()),
    };
  }
}

function isSubscriber<T>(consumer: Consumer<T>): consumer is Observer<T> & Subscription {
  const one = consumer as Partial<Subscription> | null | undefined;
  // A subject is none: what is done with what it gets is up to its own consumers.
  return typeof one?.unsubscribe === 'function' && typeof one.add === 'function';
}
