export interface Resource {
  /** The scope that a token needs for it. */
  scope: string;
  content(owner: string): object;
}

/** What Acme's API holds, by path. */
export const resources: Record<string, Resource> = {
  '/files': {
    scope: 'files:read',
    content: (owner) => ({ owner, files: ['budget.ods', 'holiday.jpg', 'minutes.txt'] }),
  },
  '/mail': {
    scope: 'mail:read',
    content: (owner) => ({ owner, unread: ['Lunch on Friday?', 'Your parcel is on its way'] }),
  },
  '/invoices': {
    scope: 'invoices:read',
    content: (owner) => ({ owner, invoices: ['2026-001', '2026-002', '2026-003'] }),
  },
};
