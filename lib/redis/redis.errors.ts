import { ConfigurationError } from '../errors/configuration.errors.js';
import { TokenStoreError } from '../errors/store.errors.js';

/** Where a message goes on with what was sent, or shows an address with its password. */
const ARGUMENTS = /,? with args beginning with[^]*/i;
const USER_INFO = /\/\/[^/@\s]*@/g;

/** Whom a failed command was about. */
export interface RedisErrorSubject {
  readonly client?: string;
  readonly subject?: string;
}

/**
 * The one error for a Redis that does not answer, or answers with an error. Of the driver's error
 * only name, code and message are kept: it may hold the command, and with it a record.
 */
export function redisError(cause: unknown, about: RedisErrorSubject = {}): Error {
  if (cause instanceof TokenStoreError || cause instanceof ConfigurationError) return cause;
  const { client, subject } = about;
  const isCluster = cause instanceof Error && /^(MOVED|ASK|CROSSSLOT) /.test(cause.message);
  return new TokenStoreError({
    client,
    subject,
    problem: isCluster
      ? 'The Redis that was asked is one node of a cluster.'
      : 'Redis did not answer as it should.',
    remedy: isCluster
      ? 'Hand in a connection to the cluster: a Cluster of "ioredis", or what createCluster() of "redis" returns.'
      : 'Check the server and the connection to it; nothing of the token was lost.',
    cause: reduced(cause),
  });
}

/** A record that cannot be read. */
export function unreadable(about: RedisErrorSubject): TokenStoreError {
  return new TokenStoreError({
    client: about.client,
    subject: about.subject,
    problem: 'What Redis holds under the key is no record.',
    remedy: 'Look for somebody else who writes under the same prefix.',
  });
}

function reduced(cause: unknown): unknown {
  if (!(cause instanceof Error)) return new Error('The connection was lost.');
  const error = new Error(cause.message.replace(ARGUMENTS, '').replace(USER_INFO, '//'));
  const code: unknown = Reflect.get(cause, 'code');
  return Object.assign(error, { name: cause.name, ...(typeof code === 'string' && { code }) });
}
