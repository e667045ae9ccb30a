import 'reflect-metadata';
import { Agent } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startApi } from './api.js';
import { compare, type Comparison } from './comparison.js';
import { field } from './contenders.js';
import { memoryLine, table } from './report.js';
import { sessionMemory, type SessionMemory } from './session-memory.js';
import { stubAdapter } from './stub-adapter.js';
import { stubHttp } from './stub-http.js';

// `npm run bench`: what a session costs over bare axios. `--quick` for a first impression, `--json`
// for figures on stdout (the tables then go to stderr): `npm run --silent bench -- --json`.
const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
});
const seconds = values.quick === true ? 1.5 : 17;
const print = (text: string) => (values.json === true ? console.error(text) : console.log(text));

const comparisons: Comparison[] = [];
const load = { before: loadavg()[0], after: 0 };
print(
  `Node ${process.version}, ${availableParallelism()} cores, load ${load.before?.toFixed(1)}: ` +
    'medians, in brackets the middle half of the rounds; no gate',
);
const memory = await onStubTransport();
await overHttp();
load.after = loadavg()[0] ?? 0;
print(`\nload ${load.after.toFixed(1)} at the end`);
if (values.json === true) {
  const { node: version } = process.versions;
  console.log(JSON.stringify({ node: version, load, comparisons, memory }, null, 2));
}

async function onStubTransport(): Promise<SessionMemory | undefined> {
  const pace = { batch: 20, inFlight: 1, seconds };
  const baseURL = 'http://127.0.0.1:9';
  const restore = stubHttp();
  const below = await field({ baseURL });
  await add("Stub below axios' HTTP adapter", 'stub', below.contenders, pace);
  const memory = sessionMemory(below.people);
  await below.app.close();
  restore();
  const instead = await field({ baseURL, adapter: stubAdapter });
  await add('Stub in place of the adapter', 'stub', instead.contenders, pace);
  await instead.app.close();
  if (memory) print(memoryLine(memory));
  return memory;
}

async function overHttp(): Promise<void> {
  const api = await startApi();
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 32 });
  const { app, contenders } = await field({ baseURL: api.url, httpAgent });
  const sequential = { batch: 10, inFlight: 1, seconds };
  await add('Over HTTP, one after the other', 'http', contenders, sequential);
  const parallel = { batch: 96, inFlight: 32, seconds };
  await add('Over HTTP, 32 in flight', 'http', contenders, parallel);
  await app.close();
  httpAgent.destroy();
  api.stop();
}

async function add(...of: Parameters<typeof compare>): Promise<void> {
  const comparison = await compare(...of);
  comparisons.push(comparison);
  print(table(comparison));
}
