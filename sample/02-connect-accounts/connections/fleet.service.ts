import { Injectable } from '@nestjs/common';
import { OAuthClientRegistry } from 'nestjs-oauth-client';
import { concat, defer, map, of, switchMap, throttleTime, type Observable } from 'rxjs';

/** How a client is doing, for all its users together; no user is named. */
export interface FleetLine {
  client: string;
  grants: number;
  expiring: number;
  failing: number;
  /** The code of the last token request that failed. */
  lastError: string;
}

const ENDING_SOON_SECONDS = 60;
const AT_MOST_EVERY_MS = 500;

/** What an operator wants to see. A real application shows it on a page of its own, to operators. */
@Injectable()
export class FleetService {
  constructor(private readonly clients: OAuthClientRegistry) {}

  /** How the clients are doing now, and again whenever something happened to a token. */
  readonly lines$: Observable<FleetLine[]> = concat(
    of('now'),
    defer(() => this.clients.events$),
  ).pipe(
    throttleTime(AT_MOST_EVERY_MS, undefined, { leading: true, trailing: true }),
    switchMap(() => this.clients.status({ within: ENDING_SOON_SECONDS })),
    map((clients) =>
      clients.map(({ client, grants, failing, lastError }) => ({
        client,
        grants: grants?.total ?? 0,
        expiring: (grants?.expiring ?? 0) + (grants?.expired ?? 0),
        failing,
        lastError: lastError?.code ?? '–',
      })),
    ),
  );
}
