import { TokenSet, type TokenStore } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer, FakeHold } from 'nestjs-oauth-client/testing';
import { vi } from 'vitest';
import type { StorePlan } from '../support/cluster.messages.js';
import { Replica, ReplicaGone } from '../support/cluster.replica.js';
import { openStore } from '../support/cluster.store.js';
import { Wire } from '../support/cluster.wire.js';
import type { Batch } from './faults.plan.js';
import { judged, storedToken, type Outcome, type Result } from './faults.verdict.js';

/** How a commit is waited for whose answer is held back, in milliseconds. */
const COMMIT = { interval: 10, timeout: 10_000 };

/** A replica, and its ways to the store and to the authorization server. */
interface Wired {
  readonly name: string;
  readonly replica: Replica;
  readonly toStore: Wire;
  readonly toServer: Wire;
}

/** What a lane works with. */
export interface LaneParts {
  readonly name: string;
  readonly entry: string;
  readonly store: StorePlan;
  readonly server: FakeAuthorizationServer;
}

/** A replica that meets faults, and another one that goes on: batch by batch. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #store: TokenStore;
  readonly #started: Promise<Wired>[] = [];
  readonly #healthy: Promise<Wired>;
  #faulty: Promise<Wired>;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#store = openStore(parts.store);
    this.#healthy = this.#start();
    this.#faulty = this.#start();
  }

  /** What becomes of each renewal that meets a fault. */
  async run(batch: Batch): Promise<Result[]> {
    const { subjects } = batch;
    const [healthy, faulty] = await Promise.all([this.#healthy, this.#faulty]);
    const spent = await this.#connect(subjects);
    const hold = this.#hold(batch, spent);
    if (!hold) await faulty.replica.ask('arm', { step: batch.step, subjects });
    const met = calls(faulty, subjects);
    if (hold) await hold.arrivals(subjects.length);
    else await this.#arrived(batch, faulty);
    const stored = new Set<string>();
    const meanwhile =
      batch.fault === 'killed' || batch.fault === 'stopped'
        ? await this.#end(batch, { healthy, faulty, hold, met, stored })
        : await this.#cut(batch, { healthy, faulty, hold, met });
    const results = [await met, meanwhile];
    results.push(await calls(await this.#faulty, subjects), await calls(healthy, subjects));
    await this.#parts.server.idle();
    const judgements = subjects.map(async (subject, index) => {
      const outcomes = results.map((result) => result[index]!);
      const run = { batch, subject, faulty: faulty.name, stored, outcomes };
      return { batch, verdict: await judged(run, this.#parts.server, this.#store) };
    });
    return Promise.all(judgements);
  }

  async close(): Promise<void> {
    for (const { replica, toStore, toServer } of await Promise.all(this.#started)) {
      await replica.kill();
      await Promise.all([toStore.close(), toServer.close()]);
    }
    await this.#store.close?.();
  }

  #start(): Promise<Wired> {
    const { entry, store, server, name: lane } = this.#parts;
    const name = `${lane}, process ${this.#started.length + 1}`;
    const start = async (): Promise<Wired> => {
      const replica = new Replica(entry);
      const toStore = await Wire.to(Number(new URL(store.url).port));
      const toServer = await Wire.to(Number(new URL(server.issuer).port));
      const { authorizationEndpoint, apiUrl } = server;
      const tokenEndpoint = toServer.through(server.tokenEndpoint);
      const revocationEndpoint = toServer.through(server.revocationEndpoint);
      const endpoints = { authorizationEndpoint, tokenEndpoint, revocationEndpoint, apiUrl };
      const url = toStore.through(store.url);
      await replica.ask('boot', { ...endpoints, name, store: { ...store, url } });
      return { name, replica, toStore, toServer };
    };
    const started = start();
    this.#started.push(started);
    return started;
  }

  /** Gives users tokens that have expired; their refresh tokens. */
  async #connect(subjects: readonly string[]): Promise<Set<string | null>> {
    const { server } = this.#parts;
    const longAgo = Date.now() / 1000 - 7200;
    const tokens = subjects.map(async (subject) => {
      const token = TokenSet.from({ ...server.issueTokens({ subject }) }, { now: longAgo });
      server.expireAccessTokens({ subject });
      await this.#store.set({ client: 'client', subject }, token.toRecord());
      return token.refreshToken!;
    });
    return new Set(await Promise.all(tokens));
  }

  #hold({ step, subjects }: Batch, spent: Set<string | null>): FakeHold | undefined {
    if (step !== 'before the answer') return undefined;
    const script = this.#parts.server.next('token', ({ form }) =>
      spent.has(form.get('refresh_token')),
    );
    return script.times(subjects.length).holdAnswer();
  }

  /** All renewals stand where the fault is to meet them. */
  async #arrived({ step, subjects, during }: Batch, { replica, toStore }: Wired): Promise<void> {
    const arrivals = await Promise.all(subjects.map((subject) => replica.arrival(subject)));
    if (step !== 'during the commit') return;
    toStore.hold(during);
    await replica.ask('pass', null);
    for (const { subject, version } of arrivals) {
      await toStore.saw(version!);
      if (during === 'requests') continue;
      await vi.waitFor(async () => {
        const record = await this.#store.get({ client: 'client', subject });
        if (record?.version !== version) throw new Error('The commit has not come in yet.');
      }, COMMIT);
    }
  }

  async #end(
    { fault, subjects }: Batch,
    at: {
      healthy: Wired;
      faulty: Wired;
      hold?: FakeHold;
      met: Promise<unknown>;
      stored: Set<string>;
    },
  ): Promise<Outcome[]> {
    const { replica, toStore, toServer } = at.faulty;
    if (fault === 'stopped') replica.signal('SIGSTOP');
    else {
      await replica.kill();
      toStore.cut();
      toServer.cut();
      this.#faulty = this.#start();
      await this.#serverTurn();
    }
    at.hold?.release();
    for (const subject of subjects) {
      const token = await storedToken(this.#store, subject);
      if (token !== undefined) at.stored.add(token);
    }
    const outcomes = await calls(at.healthy, subjects);
    if (fault === 'stopped') {
      replica.signal('SIGCONT');
      toStore.flow();
      await replica.ask('pass', null);
      await at.met;
    }
    return outcomes;
  }

  async #cut(
    { fault, subjects, everybody, brief }: Batch,
    at: { healthy: Wired; faulty: Wired; hold?: FakeHold; met: Promise<unknown> },
  ): Promise<Outcome[]> {
    const wire = fault === 'store cut' ? 'toStore' : 'toServer';
    const wires = [at.faulty, ...(everybody ? [at.healthy] : [])].map((wired) => wired[wire]);
    for (const one of wires) one.cut();
    await this.#serverTurn();
    if (brief) for (const one of wires) one.restore();
    at.hold?.release();
    at.faulty.toStore.flow();
    await at.faulty.replica.ask('pass', null);
    const outcomes = everybody ? undefined : calls(at.healthy, subjects);
    await at.met;
    for (const one of wires) one.restore();
    return outcomes ?? calls(at.healthy, subjects);
  }

  /** The server has noticed by now which connections have ended. */
  async #serverTurn(): Promise<void> {
    await fetch(this.#parts.server.issuer);
  }
}

/** One call of each user. */
async function calls({ name, replica }: Wired, subjects: readonly string[]): Promise<Outcome[]> {
  return Promise.all(
    subjects.map(async (subject) => {
      const what = await replica.call(subject).catch((error: unknown) => {
        if (error instanceof ReplicaGone) return 'killed';
        throw error;
      });
      return { who: name, what };
    }),
  );
}
