import type { ClientSettings } from '../pipeline/client-settings.js';

/**
 * Clients of one authorization server, which they reach in one way: what one of them finds of it is
 * so for all. There may be thousands of them at one provider, which is not to be asked for each.
 */
export function byServer(clients: readonly ClientSettings[]): ClientSettings[][] {
  const numbers = new Map<unknown, number>();
  const numberOf = (value: unknown): number => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  };
  const groups = new Map<string, ClientSettings[]>();
  for (const client of clients) {
    const { issuer, metadataUrl, allowInsecureHttp, guard } = client;
    const transport = Object.entries(client.transport).sort(([one], [two]) => (one < two ? -1 : 1));
    const way = [issuer, metadataUrl, allowInsecureHttp, guard, ...transport.flat()];
    const key = way.map(numberOf).join(' ');
    const group = groups.get(key);
    if (group) group.push(client);
    else groups.set(key, [client]);
  }
  return [...groups.values()];
}
