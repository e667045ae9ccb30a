/** What may be asked of Acme, in the words that its consent page uses. */
export const scopes: Record<string, string> = {
  'files:read': 'See the names and sizes of your files',
  'mail:read': 'See the subjects and senders of your mail',
  'invoices:read': 'See the invoices of the company',
};
