import { Injectable } from '@nestjs/common';
import type { AcmeCounters } from '../../acme/acme.js';
import type { Counts } from '../../acme/tally.js';
import { AppConfig } from '../app.config.js';
import type { Account } from './accounts.js';

export interface Count {
  tokenRequests: number;
  /** The API's answers: status → how many. */
  answers: Record<string, number>;
}

/** Asks Acme's servers what they counted: they know, whatever this application believes. */
@Injectable()
export class AcmeCountersService {
  constructor(private readonly config: AppConfig) {}

  /** What `work` cost, for this account's client and path. */
  async during(account: Account, work: () => Promise<unknown>): Promise<Count> {
    const before = await this.#read();
    await work();
    return difference(account, before, await this.#read());
  }

  async #read(): Promise<AcmeCounters> {
    const [tokenRequests, answers] = await Promise.all([
      counters(this.config.issuer),
      counters(this.config.apiUrl),
    ]);
    return { tokenRequests, answers };
  }
}

export function difference(account: Account, before: AcmeCounters, after: AcmeCounters): Count {
  const { client, path } = account;
  const grants = added(before.tokenRequests[client], after.tokenRequests[client]);
  return {
    tokenRequests: grants.reduce((sum, [, count]) => sum + count, 0),
    answers: Object.fromEntries(added(before.answers[path], after.answers[path])),
  };
}

function added(from: Record<string, number> = {}, to: Record<string, number> = {}) {
  return Object.entries(to)
    .map(([name, count]) => [name, count - (from[name] ?? 0)] as const)
    .filter(([, count]) => count > 0);
}

async function counters(server: string): Promise<Counts> {
  const response = await fetch(`${server}/counters`);
  if (!response.ok) throw new Error(`${server} answered ${response.status} to /counters`);
  return (await response.json()) as Counts;
}
