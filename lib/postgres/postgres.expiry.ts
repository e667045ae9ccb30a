import type { TokenRecord } from '../protocol/token-record.js';
import { endOfRecord } from '../store/record-lifetime.js';

/** Clocks differ, and a token may be looked at after its end, in seconds. */
const GRACE_SECONDS = 3_600;
/** Beyond the year 200,000, which Postgres can just say; nobody waits for that. */
const LAST = 6e12;

/** When a record may be deleted, in epoch seconds; `null` when its end is not known. */
export function deletableAt(
  record: TokenRecord,
  refreshExpiresInSeconds: number | undefined,
): number | null {
  const end = endOfRecord(record, refreshExpiresInSeconds);
  if (end === undefined) return null;
  const last = end + GRACE_SECONDS;
  return last > 0 && last < LAST ? last : null;
}
