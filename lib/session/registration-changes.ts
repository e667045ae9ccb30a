import { defer, EMPTY, retry, takeUntil, timer, type Observable } from 'rxjs';
import type { ClientRegistrationRepository } from './client-registration.repository.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Whom changes of registrations are told to. */
interface ChangeListener {
  changed(name: string): void;
  /** Changes may have been missed. */
  missed(): void;
}

/** Listens to the changes that a repository tells of; again, after a pause, where that fails. */
export function followChanges(
  repository: ClientRegistrationRepository,
  until$: Observable<unknown>,
  listener: ChangeListener,
): void {
  let connections = 0;
  defer(() => {
    connections += 1;
    if (connections > 1) listener.missed();
    return repository.changes$ ?? EMPTY;
  })
    .pipe(
      retry({
        delay: (_error, failures) =>
          timer(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)),
        resetOnSuccess: true,
      }),
      takeUntil(until$),
    )
    .subscribe((name: unknown) => {
      if (typeof name === 'string') listener.changed(name);
    });
}
