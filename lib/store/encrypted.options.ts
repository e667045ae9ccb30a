import type { HashedSubjectsOptions } from './hashed-subjects.js';
import type { EncryptionKeys } from './key-ring.js';

/** What {@link EncryptedAuthorizationRequestStore} is made from. */
export interface EncryptedAuthorizationRequestStoreOptions {
  /** The keys, the newest first: it encrypts, all decrypt. */
  keys: EncryptionKeys;
  /**
   * Takes requests that are not encrypted, too: for the minutes after encryption was switched on, in
   * which users come back who were sent away before. Default false.
   */
  allowPlain?: boolean;
}

/** What {@link EncryptedTokenStore} is made from. */
export interface EncryptedTokenStoreOptions {
  /**
   * The keys, the newest first: it encrypts, all decrypt. To rotate among several processes, put a
   * new key last in all of them, then first in all of them, and call `reencrypt()`; the former key
   * may go after that. At the latest after 2³² records were written with one.
   */
  keys: EncryptionKeys;
  /**
   * Reads records that are not encrypted, too: for the time between switching encryption on and the
   * end of `reencrypt()`, since who can write to the store can then plant a record. Default false.
   */
  allowPlain?: boolean;
  /**
   * Puts a keyed hash in place of the subject in the keys of the store. To be decided before the
   * first record is written: those written without it are not found with it, nor the other way.
   */
  hashSubjects?: HashedSubjectsOptions;
  /**
   * Of how many records this process remembers the versions it has seen replaced; 10,000 by
   * default. 0 for none: where reads may be answered by a replica that lags behind, whose older
   * answers would be taken for records put back.
   */
  rememberedRecords?: number;
}
