import { TokenSet, type TokenStore } from 'nestjs-oauth-client';
import { fingerprint, type FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { STEPS } from '../support/cluster.messages.js';
import { FAULTS, type Batch, type Fault } from './faults.plan.js';

/** What is known of one renewal that met a fault, beside the server's journal. */
export interface Run {
  readonly batch: Batch;
  readonly subject: string;
  /** Fingerprints of the refresh tokens that the store was seen to hold. */
  readonly stored: ReadonlySet<string>;
  /** The process that met the fault. */
  readonly faulty: string;
  /** What its call came to, the other's meanwhile, and one more of each afterwards. */
  readonly outcomes: readonly Outcome[];
}

/** What one call came to: its status, or the error. */
export interface Outcome {
  readonly who: string;
  readonly what: string;
}

/** What became of a grant. */
export type Verdict =
  | { readonly kind: 'kept' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unexpected'; readonly why: string };

/** One renewal that met a fault, and what became of its grant. */
export interface Result {
  readonly batch: Batch;
  readonly verdict: Verdict;
}

const REPORTED = 'AuthorizationRequiredError rotation_lost';
/** Faults after which the process does not live to store what it was answered. */
const FATAL: readonly Fault[] = ['killed', 'stopped'];

/** By the server's journal: kept, or lost where that may be, with the reason told. */
export async function judged(
  run: Run,
  server: FakeAuthorizationServer,
  store: TokenStore,
): Promise<Verdict> {
  const { batch, subject, outcomes } = run;
  const record = await store.get({ client: 'client', subject });
  const requests = requestsOf(subject, server);
  const isAlive = record?.refreshToken !== undefined && server.isLive(record.refreshToken);
  const [, meanwhile, ...afterwards] = outcomes.map(({ what }) => what);
  const unexpected = (why: string): Verdict => ({
    kind: 'unexpected',
    why: JSON.stringify({ why, batch, subject, outcomes, requests }, undefined, 2),
  });
  if (isAlive) {
    const token = TokenSet.from(record);
    if (!server.isLive(token.accessToken)) return unexpected('the stored access token is dead');
    if (!batch.grace && requests.some(({ replay }) => replay))
      return unexpected('a refresh token spent twice');
    if (afterwards.some((what) => what !== '200')) return unexpected('calls fail afterwards');
    // A store that has just come back may still refuse the first who asks.
    const mayFail = batch.fault === 'store cut' && batch.everybody;
    if (meanwhile !== '200' && !mayFail) return unexpected('a call of the healthy replica failed');
    return { kind: 'kept' };
  }
  if (!mayBeLost(run, server)) return unexpected('a grant lost that was not to be lost');
  if (!outcomes.some(({ what }) => what === REPORTED)) return unexpected('lost without a reason');
  if (afterwards.includes('200')) return unexpected('calls go on after the loss');
  return { kind: 'lost' };
}

/** Whether the server rotated, and the answer reached no process that lived to store it. */
function mayBeLost(
  { batch, subject, stored, faulty }: Run,
  server: FakeAuthorizationServer,
): boolean {
  if (batch.grace) return false;
  return requestsOf(subject, server).some(({ rotated, delivered, issued, replica }) => {
    const isFaulty = replica === faulty && FATAL.includes(batch.fault);
    const isStored = stored.has(issued?.refreshToken ?? '');
    return rotated === true && !isStored && (!delivered || isFaulty);
  });
}

function requestsOf(subject: string, { journal }: FakeAuthorizationServer) {
  const senders = new Map(
    journal.requests('token').map(({ sequence, headers }) => [sequence, headers['x-replica']]),
  );
  return journal
    .tokenRequests()
    .filter((entry) => entry.subject === subject)
    .map((entry) => ({ ...entry, replica: senders.get(entry.sequence) }));
}

/** The fingerprint of the refresh token that the store holds for a user. */
export async function storedToken(store: TokenStore, subject: string): Promise<string | undefined> {
  const record = await store.get({ client: 'client', subject });
  return record?.refreshToken === undefined ? undefined : fingerprint(record.refreshToken);
}

/** How many runs of each step and fault came to what. */
export function table(results: readonly Result[]) {
  const rows = STEPS.flatMap((step) =>
    FAULTS.map((fault) => {
      const runs = results.filter(({ batch }) => batch.step === step && batch.fault === fault);
      const count = (kind: Verdict['kind']) =>
        String(runs.filter(({ verdict }) => verdict.kind === kind).length);
      return [step, fault, String(runs.length), count('kept'), count('lost'), count('unexpected')];
    }),
  );
  const titles = ['step', 'fault', 'runs', 'kept', 'lost with reason', 'unexpected'];
  const widths = titles.map((_, column) =>
    Math.max(...[titles, ...rows].map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [titles, ...rows].map(line).join('\n');
}
