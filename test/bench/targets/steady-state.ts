import { Agent } from 'node:http';
import { compare, noise, row, type Comparison } from '../comparison.js';
import { field } from '../contenders.js';
import type { Libraries } from '../peers/libraries.js';
import { print, table } from '../report.js';
import { Server } from '../server.js';
import { check, type Check, type TargetReport } from '../verdict.js';

const OURS = [
  'session.axiosRef.get',
  'session.for(…).axiosRef.get',
  'session.get',
  'session.for(…).get',
];

/** Target 2: requests a second with a valid token, and the CPU time that one takes. */
export async function steadyState(
  scale: number,
  libraries: Libraries | undefined,
): Promise<TargetReport> {
  const server = await Server.start();
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 32 });
  const { app, contenders } = await field({ baseURL: server.url, httpAgent, libraries });
  const one = { batch: 10, inFlight: 1, seconds: 20 * scale };
  const sequential = await compare('Over HTTP, one after the other', 'http', contenders, one);
  print(table(sequential));
  const many = { batch: 96, inFlight: 32, seconds: 20 * scale };
  const parallel = await compare('Over HTTP, 32 in flight', 'http', contenders, many);
  print(table(parallel));
  await app.close();
  httpAgent.destroy();
  server.stop();
  return {
    target: 2,
    title: 'requests a second, and CPU time of one',
    checks: [...checksOf(sequential, 'one at a time'), ...checksOf(parallel, '32 in flight')],
    figures: { sequential, parallel },
  };
}

function checksOf(comparison: Comparison, how: string): Check[] {
  return OURS.flatMap((name) => {
    const { rate, cpuRate } = row(comparison, name);
    const unit = '× axios';
    return [
      check(`${name}, requests/s, ${how}`, rate.median, 'at least', 0.97, {
        unit,
        noise: noise(comparison, 'rate'),
      }),
      check(`${name}, CPU, ${how}`, cpuRate.median, 'at most', 1.05, {
        unit,
        noise: noise(comparison, 'cpuRate'),
      }),
    ];
  });
}
