import type { TokenRecord } from '../protocol/token-record.js';
import { endOfRecord } from '../store/record-lifetime.js';

/** When a record is of no use any more, in epoch milliseconds; `undefined` is never, or unknown. */
export function endOf(
  record: TokenRecord,
  refreshExpiresInSeconds: number | undefined,
): number | undefined {
  const end = Math.ceil((endOfRecord(record, refreshExpiresInSeconds) ?? Number.NaN) * 1000);
  return Number.isSafeInteger(end) ? end : undefined;
}
