import { startAcmeForThisSample } from './acme.js';
import { reservePort, startCluster } from './cluster.js';
import { openSharedStore } from './own-store.js';

const CALLS = 100;

const shared = await openSharedStore().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
// Acme must know the application's address before the application runs, as in real life.
const port = await reservePort();
const origin = port.address;
const acme = await startAcmeForThisSample(origin);
await port.release();
const cluster = await startCluster(origin, 2, { ...acme.settings, ...shared.settings });
print(`Two replicas behind one port share ${shared.title}.`);

const connect = await fetch(`${origin}/connect`, { redirect: 'manual' });
const callback = await acme.consent(connect.headers.get('location')!, 'ada');
print('Ada sets out from one replica, and comes back to the other:');
print(`  ${await (await fetch(callback)).text()}`);

await acme.firstTokenEnds();
acme.beginCount();
const before = cluster.requests();
print(`Her token has expired, and ${CALLS} calls come at once:`);
const calls = Array.from({ length: CALLS }, () => fetch(`${origin}/files`));
const answers = await Promise.all((await Promise.all(calls)).map((answer) => answer.text()));
const shares = cluster.requests().map((count, index) => count - before[index]!);
print(`  the replicas took   ${shares.join(' and ')} of them`);
print(`  they answered       ${summary(answers)}`);
const { tokenRequests, served, refused } = acme.counted();
print(`  Acme counted        ${tokenRequests} token request${tokenRequests === 1 ? '' : 's'}`);
print(`  Acme's API          ${served} calls served, ${refused} refused`);

await cluster.close();
await acme.close();
await shared.close();
if (tokenRequests !== 1 || served !== CALLS) process.exitCode = 1;

function summary(texts: string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${count} × ${text}`).join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
