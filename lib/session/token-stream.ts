import {
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  map,
  startWith,
  type Observable,
} from 'rxjs';
import type { ChangeFeed } from '../pipeline/change-feed.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import type { TokenSource } from '../pipeline/token-source.js';
import { joinKey } from '../store/token-key.js';
import type { TokenSet } from '../protocol/token-set.js';

/** The token of a key now, then each change of it. */
export function tokenStream(
  binding: GrantBinding,
  source: TokenSource,
  feed: ChangeFeed,
): Observable<TokenSet | undefined> {
  return defer(() =>
    feed.changes$.pipe(
      filter((key) => joinKey(key) === binding.id),
      map(() => undefined),
      startWith(undefined),
      concatMap(() => source.stored(binding)),
      distinctUntilChanged((before, after) => before?.version === after?.version),
    ),
  );
}
