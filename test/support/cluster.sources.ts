/** What a replica's process is made of, beside the library. */
export const REPLICA_SOURCES = [
  'test/cluster/replica.process.ts',
  'test/cluster/gates.ts',
  'test/support/cluster.messages.ts',
  'test/support/cluster.store.ts',
] as const;
