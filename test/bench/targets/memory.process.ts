import 'reflect-metadata';
import axios from 'axios';
import { MemoryTokenStore, TokenSet, type TokenRecord, type TokenStore } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { bench, type Bench } from '../contenders.js';
import { PATH, TOKEN } from '../resource.js';
import { stubAdapter } from '../stub-adapter.js';
import type { MemoryFigures } from './memory.js';

// One measurement in a process of its own, so that nothing else is on its heap. Needs --expose-gc.
const BASE_URL = 'http://127.0.0.1:9';
const STORED = 50_000;
const SESSIONS = 100_000;
/** Enough for every bounded collection to be full. */
const FULL = 50_000;

const MEASUREMENTS: {
  [Name in keyof MemoryFigures]: (subjects: number) => Promise<MemoryFigures[Name]>;
} = {
  async stored() {
    const store = new MemoryTokenStore();
    const storedBytes = await weigh(STORED, (index) =>
      store.set({ client: 'people', subject: subjectOf(index) }, record(index)),
    );
    const map = new Map<string, TokenRecord>();
    const mapBytes = await weigh(STORED, async (index) => {
      map.set(`people:${subjectOf(index)}`, record(index));
    });
    return { storedBytes, mapBytes, count: map.size + JSON.parse(JSON.stringify(store)).tokens };
  },
  async called(subjects) {
    const { people } = await offline(new EveryonesStore());
    const call = (from: number, to: number) =>
      inOrder(from, to, (index) => people.for(subjectOf(index)).accessToken());
    await call(0, FULL);
    const full = settledHeap();
    await call(FULL, subjects);
    return { subjects, grownBytes: settledHeap() - full };
  },
  async things() {
    const { create } = axios;
    let instances = 0;
    axios.create = (...args) => {
      instances += 1;
      return create(...args);
    };
    const { people } = await offline(new EveryonesStore());
    const call = (index: number) => firstValueFrom(people.for(subjectOf(index)).get(PATH));
    await call(0);
    const before = { instances, timers: timers() };
    await inOrder(1, 10_001, call);
    return { instances: instances - before.instances, timers: timers() - before.timers };
  },
  async sessions() {
    const { people } = await offline();
    const subjects = Array.from({ length: SESSIONS }, (_, index) => subjectOf(index));
    const kept: unknown[] = Array.from({ length: SESSIONS });
    const { clientName } = people;
    const bytesEach = await weigh(SESSIONS, async (index) => {
      kept[index] = people.for(subjects[index]!);
    });
    kept.fill(undefined);
    const keyBytesEach = await weigh(SESSIONS, async (index) => {
      const subject = subjects[index]!;
      kept[index] = `${clientName.length}:${clientName}${subject.length}:${subject}`;
    });
    return { bytesEach, keyBytesEach, sessions: kept.length };
  },
};

/** A store in which everybody has a token, which takes no memory itself. */
class EveryonesStore implements TokenStore {
  readonly #record = TokenSet.from({ access_token: TOKEN, expires_in: 86_400 }).toRecord();

  async get(): Promise<TokenRecord> {
    return this.#record;
  }

  async set(): Promise<void> {
    throw new Error('Nothing is to be written.');
  }

  async delete(): Promise<boolean> {
    return false;
  }
}

async function offline(store?: TokenStore): Promise<Bench> {
  return bench({ baseURL: BASE_URL, adapter: stubAdapter }, store ? { store } : {});
}

async function weigh(count: number, make: (index: number) => Promise<void>): Promise<number> {
  const before = settledHeap();
  await inOrder(0, count, make);
  return (settledHeap() - before) / count;
}

async function inOrder(
  from: number,
  to: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  for (let index = from; index < to; index += 1) await work(index);
}

function subjectOf(index: number): string {
  return `user-${index}`.padEnd(16, 'x');
}

/** As a server's answer makes it: every text is one of its own. */
function record(index: number): TokenRecord {
  const token = TokenSet.from({
    access_token: `access-${index}`.padEnd(64, 'x'),
    refresh_token: `refresh-${index}`.padEnd(64, 'x'),
    token_type: 'Bearer',
    expires_in: 86_400,
    scope: 'read write',
  });
  return JSON.parse(JSON.stringify(token.toRecord())) as TokenRecord;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

function settledHeap(): number {
  globalThis.gc!();
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

const [name, subjects] = process.argv.slice(2);
const measured = await MEASUREMENTS[name as keyof MemoryFigures](Number(subjects));
process.send!(measured, () => process.exit());
