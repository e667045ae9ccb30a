import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { close, listen, reserve } from '../shared/listen.js';

/** Replicas of one application behind one port. */
export interface Cluster {
  /** How many requests each replica was given. */
  requests(): number[];
  close(): Promise<void>;
}

/** The port that all replicas are to be behind, before there are any. */
export const reservePort = () => reserve(4050);

/** Starts that many replicas, and what hands requests to them in turn. */
export async function startCluster(
  origin: string,
  count: number,
  settings: Record<string, string>,
): Promise<Cluster> {
  const started = await Promise.all(Array.from({ length: count }, () => startReplica(settings)));
  const requests = started.map(() => 0);
  let turn = 0;
  const balancer = createServer((incoming, answer) => {
    const index = turn++ % count;
    requests[index]! += 1;
    pass(started[index]!.url, incoming, answer);
  });
  await listen(balancer, Number(new URL(origin).port));

  return {
    requests: () => [...requests],
    async close(): Promise<void> {
      await close(balancer);
      await Promise.all(started.map((replica) => replica.end()));
    },
  };
}

async function startReplica(settings: Record<string, string>) {
  const file = fileURLToPath(new URL('./replica.ts', import.meta.url));
  const child = fork(file, { env: { ...process.env, ...settings } });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`A replica ended with ${String(code)} before it listened.`);
  });
  const [url] = (await Promise.race([once(child, 'message'), failed])) as [string];
  failed.catch(() => undefined);
  return {
    url,
    async end(): Promise<void> {
      child.disconnect();
      await ended;
    },
  };
}

function pass(to: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = '/' } = incoming;
  const outgoing = request(new URL(url, to), { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.writeHead(502).end());
  incoming.pipe(outgoing);
}
