import {
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  last,
  map,
  merge,
  retry,
  startWith,
  takeUntil,
  timer,
  type Observable,
} from 'rxjs';
import type { ChangeFeed } from '../pipeline/change-feed.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import type { TokenSource } from '../pipeline/token-source.js';
import { joinKey } from '../store/token-key.js';
import type { TokenSet } from '../protocol/token-set.js';

/** How long after a failed read of the store the next one is tried, in milliseconds. */
const RETRY_MS = 1_000;

/** The token of a key now, then each change of it, until the application ends. */
export function tokenStream(
  binding: GrantBinding,
  source: TokenSource,
  feed: ChangeFeed,
): Observable<TokenSet | undefined> {
  const closed$ = feed.reconnected$.pipe(last(undefined, undefined));
  const later$ = timer(RETRY_MS).pipe(takeUntil(closed$));
  const changed$ = feed.changes$.pipe(filter((key) => joinKey(key) === binding.id));
  return merge(changed$, feed.reconnected$).pipe(
    map(() => undefined),
    startWith(undefined),
    // A store that does not answer is asked again: a stream that is watched all day must not end.
    concatMap(() => defer(() => source.stored(binding)).pipe(retry({ delay: () => later$ }))),
    distinctUntilChanged((before, after) => before?.version === after?.version),
  );
}
