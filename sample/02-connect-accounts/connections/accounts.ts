import { NotFoundException } from '@nestjs/common';
import type { ClientName } from '../app.config.js';

export interface Account {
  client: ClientName;
  title: string;
  purpose: string;
  /** Whom the calls are made for: a person, who connects it first, or the application itself. */
  actsFor: 'person' | 'application';
  /** What is called at Acme's API. */
  path: string;
}

/** What can be connected here. */
export const accounts: Account[] = [
  {
    client: 'acme-files',
    title: 'Acme Files',
    purpose: 'Lists the files that you keep at Acme.',
    actsFor: 'person',
    path: '/files',
  },
  {
    client: 'acme-mail',
    title: 'Acme Mail',
    purpose: 'Shows what is unread in your Acme mailbox.',
    actsFor: 'person',
    path: '/mail',
  },
  {
    client: 'acme-billing',
    title: 'Acme Billing',
    purpose: 'Fetches the company’s invoices, for the application itself.',
    actsFor: 'application',
    path: '/invoices',
  },
];

/** What stands behind a client's name. */
export function accountOf(client: string): Account {
  const account = accounts.find((known) => known.client === client);
  if (!account) throw new NotFoundException(`There is no “${client}” here.`);
  return account;
}
