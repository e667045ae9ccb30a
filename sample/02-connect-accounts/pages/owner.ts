/** Whose pages these are. */
export const owner = { name: 'Connect Accounts', theme: 'application', href: '/' } as const;
