import { Observable, share, takeUntil } from 'rxjs';
import type { TokenKey } from '../store/token-key.js';
import { redisError } from './redis.errors.js';
import { parseName, type RedisKeys } from './redis.keys.js';
import type { RedisSubscription } from './redis.link.js';
import type { RedisServer } from './redis.server.js';

/** How often the feed's connection proves itself, and how long it may take, in milliseconds. */
const HEARTBEAT_MS = 10_000;

/**
 * What changes in the store, as it is published on one channel. One connection for however many
 * subscribers; it errors when that is lost, or silent, and is made again for who subscribes then.
 *
 * @param closed$ - Ends the feed.
 */
export function changeFeed(
  server: RedisServer,
  keys: RedisKeys,
  closed$: Observable<void>,
  heartbeatMs = HEARTBEAT_MS,
): Observable<TokenKey> {
  return new Observable<TokenKey>((subscriber) => {
    let subscription: RedisSubscription | undefined;
    let heart: NodeJS.Timeout | undefined;
    const lost = (cause: unknown) => subscriber.error(redisError(cause));
    const listen = async () => {
      const link = await server.link();
      if (subscriber.closed) return;
      const made = await link.subscribe(keys.channel(link.keyPrefix), {
        message: (text) => {
          const key = parseName(text);
          if (key) subscriber.next(key);
        },
        lost,
      });
      if (subscriber.closed) {
        made.end();
        return;
      }
      subscription = made;
      heart = heartbeat(made, heartbeatMs, lost);
    };
    listen().catch(lost);
    return () => {
      clearInterval(heart);
      subscription?.end();
    };
  }).pipe(takeUntil(closed$), share());
}

/** A connection that is cut without a word looks like one on which nothing happens. */
function heartbeat(
  subscription: RedisSubscription,
  everyMs: number,
  lost: (cause: unknown) => void,
): NodeJS.Timeout {
  let isAnswered = true;
  const timer = setInterval(() => {
    if (!isAnswered) {
      lost(new Error(`no answer to PING within ${everyMs} ms`));
      return;
    }
    isAnswered = false;
    subscription.ping().then(() => (isAnswered = true), lost);
  }, everyMs);
  return timer.unref();
}
