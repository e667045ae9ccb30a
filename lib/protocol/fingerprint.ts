import { createHash } from 'node:crypto';

/** Eight characters that tell two tokens apart in a log line without saying anything of either. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 8);
}
