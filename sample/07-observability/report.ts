import type { HealthCheckResult } from '@nestjs/terminus';
import type { OAuthClientStatus } from 'nestjs-oauth-client';
import type { ClientHealth } from 'nestjs-oauth-client/terminus';

/** What `/health` answered, in short. */
export function healthLines(http: number, { status, details }: HealthCheckResult): string {
  const clients = Object.entries(details['oauth']!['clients'] as Record<string, ClientHealth>);
  const lines = clients.map(([name, { status, metadata, cooldown, renewals }]) =>
    columns([
      name,
      status,
      metadata?.reachable ? 'metadata read' : 'no metadata',
      `renewals: ${renewals!.succeeded} good, ${renewals!.failed} failed`,
      cooldown ? `left alone after ${cooldown.error}` : '',
    ]),
  );
  return [`${http} ${status}`, ...lines.sort()].join('\n');
}

/** What `registry.status()` says, as a table. */
export function statusTable(clients: readonly OAuthClientStatus[]): string {
  const rows = clients.map(({ client, grants, failing, renewals, lastError, cooldown }) => [
    client,
    `${grants?.total ?? 0}`,
    `${failing}`,
    `${renewals.succeeded} good, ${renewals.failed} failed`,
    lastError?.code ?? '–',
    cooldown ? `after ${cooldown.error}` : '–',
  ]);
  const head = ['client', 'grants', 'failing', 'renewals', 'last error', 'cooldown'];
  return [head, ...rows].map(columns).join('\n');
}

const WIDTHS = [9, 10, 15, 29, 16];

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join('')
    .trimEnd();
}
