import { TokenStoreError } from '../errors/store.errors.js';
import type { TokenKey } from './token-key.js';

/** Why something cannot be encrypted or decrypted, before it is known whose it is. */
export class SealingProblem extends Error {
  readonly remedy: string;

  constructor(problem: string, remedy: string, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
  }
}

/** The typed error of a problem with this client's record; any other error as it is. */
export function namedFor({ client, subject }: Partial<TokenKey>, error: unknown): unknown {
  if (!(error instanceof SealingProblem)) return error;
  const { message, remedy, cause } = error;
  return new TokenStoreError({ client, subject, problem: message, remedy, cause });
}
